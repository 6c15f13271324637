import { closeSync, constants, fstatSync } from 'node:fs';
import { failedWith } from '../../errors/syscall-error.ts';
import type { InitContext } from '../../lifecycle/context.ts';
import { sendTerminal } from '../../process/console-socket.ts';
import { createTerminal, makeControllingTerminal } from '../../process/terminal.ts';
import { O_PATH } from '../../syscalls/file.ts';
import { cloneMount, moveMount } from '../../syscalls/mount-api.ts';
import { createFileInRoot, openInRoot } from '../../syscalls/path.ts';

const { O_NOFOLLOW } = constants;

/**
 * Makes the container's terminal in its own devpts, mounts it over /dev/console, sends its master
 * end away and takes the other for stdio. After the mounts, while the rootfs is writable.
 */
export function setupConsole(ctx: InitContext): void {
  openTerminal(ctx, mountConsole);
}

/** The same for `exec`: /dev/console stays init's. `ctx.rootfsFd` is the container's root. */
export function setupExecConsole(ctx: InitContext): void {
  openTerminal(ctx, () => {});
}

function openTerminal(ctx: InitContext, mountOver: (rootFd: number, slave: number) => void): void {
  const { consoleSize, user } = ctx.process;
  const { master, slave } = createTerminal({
    rootFd: ctx.rootfsFd,
    procfs: ctx.procfs,
    size: consoleSize && { rows: consoleSize.height, columns: consoleSize.width },
    uid: user.uid,
  });
  ctx.terminal = slave;
  try {
    mountOver(ctx.rootfsFd, slave);
    sendTerminal(ctx.inherited.console, master);
  } finally {
    closeSync(master);
  }
  makeControllingTerminal(slave);
}

/** Binds the terminal over /dev/console, made if it is not there. */
function mountConsole(rootFd: number, slave: number): void {
  const target = openConsole(rootFd);
  const mount = cloneMount(slave, { recursive: false });
  try {
    moveMount(mount, target);
  } finally {
    closeSync(mount);
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
