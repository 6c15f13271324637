import { closeSync, constants, fstatSync } from 'node:fs';
import { hasNamespace } from '../../config/has-namespace.ts';
import type { InitContext } from '../../context/init-context.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { openRoot } from '../../rootfs/open-root.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { O_PATH } from '../../syscalls/files/file.ts';
import { createFileInRoot, openInRoot } from '../../syscalls/files/path.ts';
import { sendTerminal } from '../../terminal/console-socket.ts';
import { createTerminal, makeControllingTerminal, useTerminal } from '../../terminal/terminal.ts';
import { bindOver } from '../rootfs/bind-over.ts';

const { O_NOFOLLOW } = constants;

/**
 * Makes the container's terminal in its own devpts, sends the master end to the console socket and
 * makes the slave end stdio. init also mounts the slave end over /dev/console; `exec` does not.
 */
export function setupConsole(ctx: InitContext): void {
  if (ctx.rootfsFd >= 0) {
    openTerminal(ctx, ctx.rootfsFd, (slave) => mountConsole(ctx, slave));
    return;
  }
  using fds = new DisposableStack();
  const root = fds.adopt(openRoot(), closeFd);
  openTerminal(ctx, root, () => {});
}

function openTerminal(ctx: InitContext, rootFd: number, mount: (slave: number) => void): void {
  const { consoleSize, user } = ctx.process;
  const { master, slave } = createTerminal({
    rootFd,
    procfs: ctx.procfs,
    size: consoleSize && { rows: consoleSize.height, columns: consoleSize.width },
    uid: user.uid,
  });
  ctx.terminal = slave;
  try {
    mount(slave);
    sendTerminal(ctx.inherited.console, master);
  } finally {
    closeSync(master);
  }
  // A process that joins a pid namespace leaves this to its child (enterPidNamespace), a helper to
  // init (handOver).
  if (!ctx.joinsPidNamespace && !ctx.isHelper) makeControllingTerminal(slave);
  useTerminal(slave);
}

/** Binds the terminal over /dev/console, made if it is not there. */
function mountConsole(ctx: InitContext, slave: number): void {
  // Without its own mount namespace, the container's mount would be on the host and stay there.
  if (!hasNamespace(ctx.spec.linux, 'mount')) return;
  using fds = new DisposableStack();
  const target = fds.adopt(openConsole(ctx.rootfsFd), closeFd);
  bindOver(ctx, slave, target);
}

function openConsole(rootFd: number): number {
  try {
    const target = openInRoot(rootFd, 'dev/console', O_PATH | O_NOFOLLOW);
    if (!fstatSync(target).isSymbolicLink()) return target;
    closeSync(target);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    return createFileInRoot(rootFd, 'dev/console', 0o666);
  }
  throw new Error('cannot mount the terminal on /dev/console: it is a symbolic link');
}
