import { sendPidfd } from '../../caller/pidfd-socket.ts';
import type { OnFailure } from '../../context/cleanup.ts';
import type { ForkedContext } from '../../context/context.ts';
import { writePidFile } from './save-state.ts';

/** Writes --pid-file and sends the pidfd of a process that `exec` made. */
export function announceExec(ctx: ForkedContext, onFailure: OnFailure): void {
  const { init, inherited, options } = ctx;
  if (inherited.pidfd >= 0) sendPidfd(inherited.pidfd, init.pidfd, 'setns');
  if (options.pidFile) writePidFile(options.pidFile, ctx, onFailure);
}
