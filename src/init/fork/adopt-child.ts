import { closeSync } from 'node:fs';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { procStatus } from '../../process/proc-status.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { tryPidfdOpen } from '../../syscalls/task/pidfd.ts';
import { waitpid } from '../../syscalls/task/process.ts';

/**
 * From here on `pid`, the child that init had born in a pid namespace, is init: it waits to be told.
 * It says its pid itself, on a socket that others of that namespace may have got hold of by now.
 */
export function adoptChild(ctx: RuntimeContext, pid: number): void {
  const { init, unborn } = ctx;
  if (!init || !unborn) throw new Error('a birth where none was due');
  const pidfd = tryPidfdOpen(pid);
  if (!isChildInside(pid, unborn)) {
    closeFd(pidfd);
    throw new Error(`process ${pid}, which said it was born, is not`);
  }
  // Its last word was this pid.
  waitpid(init.pid);
  closeSync(init.pidfd);
  ctx.init = { pid, pidfd };
  ctx.unborn = undefined;
}

/** What a process to be born is known by. */
export interface Unborn {
  /** How many pid namespaces below this process's own it will be, at least. */
  depth: number;
}

/** A child of this process's, in a pid namespace below its own: only init has such children. */
function isChildInside(pid: number, { depth }: Unborn): boolean {
  const parent = procStatus(pid, 'PPid');
  return (
    Number(parent[0]) === process.pid &&
    procStatus(pid, 'NSpid').length >= procStatus('self', 'NSpid').length + depth
  );
}

/** Kills a child that init, which is dead, has had born and told of, and that nobody has adopted yet. */
export function endUnadopted({ channel, unborn }: RuntimeContext): void {
  while (unborn && channel?.readable(0)) {
    const message = channel.receive();
    if (message === undefined) return;
    if (message.type !== 'born' || !isChildInside(message.pid, unborn)) continue;
    process.kill(message.pid, 'SIGKILL');
    waitpid(message.pid);
    return;
  }
}
