import type { RuntimeContext } from '../../lifecycle/context.ts';
import { procStatus } from '../../process/proc-status.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { tryPidfdOpen } from '../../syscalls/task/pidfd.ts';
import { waitpid } from '../../syscalls/task/process.ts';
import type { RuntimeChannel } from '../channel/channel.ts';
import type { ExpectedChild } from './expected-child.ts';

/**
 * Makes `pid`, a child that init made in a pid namespace, the container's init; the child waits for
 * an answer. `pid` is verified, as other processes of that namespace may have got hold of the
 * socket.
 */
export function adoptChild(ctx: RuntimeContext, pid: number): void {
  const { init, expectedChild } = ctx;
  if (!init || !expectedChild)
    throw new Error('init reported a child that the runtime did not expect');
  const pidfd = tryPidfdOpen(pid);
  if (!isChildInside(pid, expectedChild)) {
    closeFd(pidfd);
    throw new Error(
      `process ${pid} was reported as a child in the pid namespace, but it is not one`,
    );
  }
  const parent = { ...init };
  // From here on a failure ends the child.
  Object.assign(init, { pid, pidfd });
  ctx.expectedChild = undefined;
  // The report of `pid` was the parent's last message: it ends.
  waitpid(parent.pid);
  closeFd(parent.pidfd);
}

/** True for a child of this process in a pid namespace so far below: only init makes these. */
function isChildInside(pid: number, { depth }: ExpectedChild): boolean {
  const parent = procStatus(pid, 'PPid');
  return (
    Number(parent[0]) === process.pid &&
    procStatus(pid, 'NSpid').length >= procStatus('self', 'NSpid').length + depth
  );
}

/** Kills a child that init made and reported before init died, if it was not adopted yet. */
export function killReportedChild(channel: RuntimeChannel, expectedChild?: ExpectedChild): void {
  while (expectedChild && channel.readable(0)) {
    const message = channel.receive();
    if (message === undefined) return;
    if (message.type !== 'born' || !isChildInside(message.pid, expectedChild)) continue;
    process.kill(message.pid, 'SIGKILL');
    waitpid(message.pid);
    return;
  }
}
