import { closeSync, readFileSync } from 'node:fs';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { tryPidfdOpen } from '../../syscalls/task/pidfd.ts';
import { waitpid } from '../../syscalls/task/process.ts';

/**
 * From here on `pid`, the child that init had born in a pid namespace, is init: it waits to be told.
 * It says its pid itself, on a socket that others of that namespace may have got hold of by now.
 */
export function adoptChild(ctx: RuntimeContext, pid: number): void {
  const { init } = ctx;
  if (!init || !ctx.joinsPidNamespace) throw new Error('a birth where none was due');
  const pidfd = tryPidfdOpen(pid);
  if (!isChildInside(pid)) {
    closeFd(pidfd);
    throw new Error(`process ${pid}, which said it was born, is not`);
  }
  // Its last word was this pid.
  waitpid(init.pid);
  closeSync(init.pidfd);
  ctx.init = { pid, pidfd };
  ctx.joinsPidNamespace = false;
}

/** A child of this process's, in a pid namespace below its own: only init has such children. */
function isChildInside(pid: number): boolean {
  const parent = status(pid, 'PPid');
  return (
    Number(parent[0]) === process.pid &&
    status(pid, 'NSpid').length > status('self', 'NSpid').length
  );
}

/** A field of proc_pid_status(5). */
function status(pid: number | 'self', field: string): string[] {
  const text = readFileSync(`/proc/${pid}/status`, 'latin1');
  return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(text)?.[1]?.split(/\s+/) ?? [];
}

/** Kills a child that init, which is dead, has had born and told of, and that nobody has adopted yet. */
export function endUnadopted({ channel, joinsPidNamespace }: RuntimeContext): void {
  while (joinsPidNamespace && channel?.readable(0)) {
    const message = channel.receive();
    if (message === undefined) return;
    if (message.type !== 'born' || !isChildInside(message.pid)) continue;
    process.kill(message.pid, 'SIGKILL');
    waitpid(message.pid);
    return;
  }
}
