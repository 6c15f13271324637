import { sendPidfd } from '../../caller/pidfd-socket.ts';
import type { OnFailure } from '../../lifecycle/cleanup.ts';
import type { ForkedContext } from '../../lifecycle/context.ts';
import { writePidFile } from './save-state.ts';

/** Writes --pid-file and sends the pidfd of a process that `exec` made. */
export function announceExec(
  { init, inherited, options }: ForkedContext,
  onFailure: OnFailure,
): void {
  if (inherited.pidfd >= 0) sendPidfd(inherited.pidfd, init.pidfd, 'setns');
  if (options.pidFile) writePidFile(options.pidFile, init.pid, onFailure);
}
