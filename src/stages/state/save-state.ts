import { readFileSync } from 'node:fs';
import { sendPidfd } from '../../caller/pidfd-socket.ts';
import type { OnFailure } from '../../context/cleanup.ts';
import type { ForkedContext } from '../../context/context.ts';
import { prefixed } from '../../errors/prefixed.ts';
import { descriptorsOf } from '../../state/external-descriptors.ts';
import { identify } from '../../state/init-process.ts';
import { removeFile } from '../../state/remove.ts';
import { writeRecord } from '../../state/store.ts';
import { writeAtomically } from '../../state/write-atomically.ts';

/** What is known of a container that has an init. */
type StartedContext = Pick<
  ForkedContext,
  'init' | 'initParent' | 'record' | 'options' | 'inherited' | 'stateDir' | 'stdio'
>;

/** Records init: from then on the container is `created`. Writes --pid-file. */
export function saveState(ctx: StartedContext, onFailure: OnFailure): void {
  const { init, initParent, record, options, inherited } = ctx;
  initParent.check();
  const externalDescriptors = descriptorsOf(initParent.procEntry, ctx.stdio);
  Object.assign(record, identify(init.pid), { externalDescriptors });
  writeRecord(ctx.stateDir, record);
  if (inherited.pidfd >= 0) sendPidfd(inherited.pidfd, init.pidfd, 'standard');
  if (options.pidFile) writePidFile(options.pidFile, ctx, onFailure);
}

/** Writes the file whole or not at all: callers poll for the file and read it at once. */
export function writePidFile(
  file: string,
  { init: { pid }, initParent }: Pick<ForkedContext, 'init' | 'initParent'>,
  onFailure: OnFailure,
): void {
  const at = file.lastIndexOf('/') + 1;
  const temporary = `${file.slice(0, at)}.${file.slice(at)}`;
  try {
    initParent.creating(() => writeAtomically(file, String(pid), { temporary, mode: 0o666 }));
    onFailure.defer(() => removePidFile(file, pid));
  } catch (error) {
    throw prefixed('--pid-file', error);
  }
}

/** Removes --pid-file, so that no caller takes its pid for the container's. */
function removePidFile(file: string, pid: number): void {
  if (holdsPid(file, pid)) removeFile(file);
}

/** False where another command has written the file since. */
function holdsPid(file: string, pid: number): boolean {
  try {
    return readFileSync(file, 'utf8') === String(pid);
  } catch {
    return false;
  }
}
