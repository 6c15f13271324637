import { closeSync, constants, fstatSync } from 'node:fs';
import { hasNamespace } from '../../config/has-namespace.ts';
import { failedWith } from '../../errors/syscall-error.ts';
import type { InitContext } from '../../lifecycle/context.ts';
import { openRoot } from '../../rootfs/open-root.ts';
import { O_PATH } from '../../syscalls/files/file.ts';
import { createFileInRoot, openInRoot } from '../../syscalls/files/path.ts';
import { sendTerminal } from '../../terminal/console-socket.ts';
import { createTerminal, makeControllingTerminal, useTerminal } from '../../terminal/terminal.ts';
import { bindOver } from '../rootfs/bind-over.ts';

const { O_NOFOLLOW } = constants;

/**
 * Makes the container's terminal in its own devpts, sends its master end away and takes the other
 * for stdio. init, which has a rootfs to prepare, mounts it over /dev/console, too.
 */
export function setupConsole(ctx: InitContext): void {
  if (ctx.rootfsFd >= 0) {
    openTerminal(ctx, ctx.rootfsFd, (slave) => mountConsole(ctx, slave));
    return;
  }
  const root = openRoot();
  try {
    openTerminal(ctx, root, () => {});
  } finally {
    closeSync(root);
  }
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
  // Its child does, which is born later: enterPidNamespace.
  if (!ctx.joinsPidNamespace) makeControllingTerminal(slave);
  useTerminal(slave);
}

/** Binds the terminal over /dev/console, made if it is not there. */
function mountConsole(ctx: InitContext, slave: number): void {
  // Without a mount namespace of its own, the mount would be the host's, and stay.
  if (!hasNamespace(ctx.spec.linux, 'mount')) return;
  const target = openConsole(ctx.rootfsFd);
  try {
    bindOver(ctx, slave, target);
  } finally {
    closeSync(target);
  }
}

function openConsole(rootFd: number): number {
  try {
    const target = openInRoot(rootFd, 'dev/console', O_PATH | O_NOFOLLOW);
    if (!fstatSync(target).isSymbolicLink()) return target;
    closeSync(target);
  } catch (error) {
    if (!failedWith(error, 'ENOENT')) throw error;
    return createFileInRoot(rootFd, 'dev/console', 0o666);
  }
  throw new Error('cannot mount the terminal on /dev/console: it is a symbolic link');
}
