import type { PreparedContext, RuntimeContext } from '../../context/context.ts';
import { procStatus } from '../../process/proc-status.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { tryPidfdOpen } from '../../syscalls/task/pidfd.ts';
import type { RuntimeChannel } from '../channel/channel.ts';
import type { InitParent } from '../parent/init-parent.ts';
import type { ExpectedChild } from './expected-child.ts';

/**
 * Makes `pid`, a child that init made in a pid namespace, the container's init; the child waits for
 * an answer. `pid` is verified, as other processes of that namespace may have got hold of the
 * socket.
 */
export function adoptChild(ctx: RuntimeContext, pid: number): void {
  const { init, initParent, expectedChild } = ctx;
  if (!init || !expectedChild)
    throw new Error('init reported a child that the runtime did not expect');
  const pidfd = tryPidfdOpen(pid);
  if (!isChildInside(pid, expectedChild, initParent)) {
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
  initParent.awaitEnd(parent);
  closeFd(parent.pidfd);
}

/**
 * True for a child of init's parent that is in a pid namespace so far below: only init makes such
 * children.
 */
function isChildInside(pid: number, { depth }: ExpectedChild, parent: InitParent): boolean {
  const [ppid] = procStatus(pid, 'PPid');
  return (
    Number(ppid) === parent.pid &&
    procStatus(pid, 'NSpid').length >= procStatus('self', 'NSpid').length + depth
  );
}

/** Kills a child that init made and reported before init died, if it was not adopted yet. */
export function killReportedChild(
  channel: RuntimeChannel,
  { expectedChild, initParent }: Pick<PreparedContext, 'expectedChild' | 'initParent'>,
): void {
  while (expectedChild && channel.readable(0)) {
    const message = channel.receive();
    if (message === undefined) return;
    if (message.type !== 'born') continue;
    const { pid } = message;
    const pidfd = tryPidfdOpen(pid);
    try {
      if (!isChildInside(pid, expectedChild, initParent)) continue;
      initParent.kill({ pid, pidfd });
      return;
    } finally {
      closeFd(pidfd);
    }
  }
}
