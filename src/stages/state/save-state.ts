import { readFileSync } from 'node:fs';
import { sendPidfd } from '../../caller/pidfd-socket.ts';
import { prefixed } from '../../errors/prefixed.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { identify } from '../../state/init-process.ts';
import { removeFile } from '../../state/remove.ts';
import { writeRecord } from '../../state/store.ts';
import { writeAtomically } from '../../state/write-atomically.ts';

/** Records init: from then on the container is `created`. Writes --pid-file. */
export function saveState(ctx: RuntimeContext): void {
  const { init, record, options, inherited } = ctx;
  Object.assign(record, identify(init!.pid));
  writeRecord(ctx.stateDir, record);
  if (inherited.pidfd >= 0) sendPidfd(inherited.pidfd, init!.pidfd, 'standard');
  if (options.pidFile) writePidFile(options.pidFile, init!.pid);
}

/** Writes the file whole or not at all: callers poll for the file and read it at once. */
export function writePidFile(file: string, pid: number): void {
  const at = file.lastIndexOf('/') + 1;
  const temporary = `${file.slice(0, at)}.${file.slice(at)}`;
  try {
    writeAtomically(file, String(pid), { temporary, mode: 0o666 });
  } catch (error) {
    throw prefixed('--pid-file', error);
  }
}

/** Removes --pid-file, so that no caller takes its pid for the container's. */
export function removePidFile({ options, init }: RuntimeContext): void {
  if (!options.pidFile || !holdsPid(options.pidFile, init?.pid)) return;
  removeFile(options.pidFile);
}

/** True where this command wrote the file: it may be older. */
function holdsPid(file: string, pid: number | undefined): boolean {
  try {
    return readFileSync(file, 'utf8') === String(pid);
  } catch {
    return false;
  }
}
