import { readFileSync } from 'node:fs';
import { sendPidfd } from '../../caller/pidfd-socket.ts';
import { prefixed } from '../../errors/prefixed.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { identify } from '../../state/init-process.ts';
import { removeFile } from '../../state/remove.ts';
import { writeRecord } from '../../state/store.ts';
import { writeWhole } from '../../state/write-whole.ts';

/** Records init, from where on the container is `created`; writes --pid-file. */
export function saveState(ctx: RuntimeContext): void {
  const { init, record, options, inherited } = ctx;
  Object.assign(record, identify(init!.pid));
  writeRecord(ctx.stateDir, record);
  if (inherited.pidfd >= 0) sendPidfd(inherited.pidfd, init!.pidfd, 'standard');
  if (options.pidFile) writePidFile(options.pidFile, init!.pid);
}

/** Whole or not at all: callers poll for the file and read it at once. */
export function writePidFile(file: string, pid: number): void {
  const at = file.lastIndexOf('/') + 1;
  const temporary = `${file.slice(0, at)}.${file.slice(at)}`;
  try {
    writeWhole(file, String(pid), { temporary, mode: 0o666 });
  } catch (error) {
    throw prefixed('--pid-file', error);
  }
}

/** Takes --pid-file back: nobody is to find a process there that is not the container's any more. */
export function removePidFile({ options, init }: RuntimeContext): void {
  if (!options.pidFile || !holdsPid(options.pidFile, init?.pid)) return;
  removeFile(options.pidFile);
}

/** Only our own: the file may be older than this command. */
function holdsPid(file: string, pid: number | undefined): boolean {
  try {
    return readFileSync(file, 'utf8') === String(pid);
  } catch {
    return false;
  }
}
