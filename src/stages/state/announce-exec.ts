import { sendPidfd } from '../../caller/pidfd-socket.ts';
import type { OnFailure } from '../../lifecycle/cleanup.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { writePidFile } from './save-state.ts';

/** Writes --pid-file and sends the pidfd of a process that `exec` made. */
export function announceExec(
  { init, inherited, options }: RuntimeContext,
  onFailure: OnFailure,
): void {
  if (inherited.pidfd >= 0) sendPidfd(inherited.pidfd, init!.pidfd, 'setns');
  if (options.pidFile) writePidFile(options.pidFile, init!.pid, onFailure);
}
