import type { InitContext } from '../../../context/init-context.ts';
import { unlessRefused } from '../../../errors/syscall-error.ts';
import { closedOnFailure } from '../../../syscalls/files/closed-on-failure.ts';
import { MS_BIND, MS_REC, mount } from '../../../syscalls/mount/mount.ts';
import { cloneMount, moveMount } from '../../../syscalls/mount/mount-api.ts';
import { atProcfs, selfFd } from '../filesystem/at-procfs.ts';
import { openTop } from '../open-top.ts';

interface BindOptions {
  /** Also binds the mounts below `source`. */
  recursive: boolean;
}

/** Binds the file open as `source` over the file open as `target`; an O_PATH fd of the mount. */
export const bindFd = (
  ctx: InitContext,
  source: number,
  target: number,
  options: BindOptions,
): number =>
  unlessRefused(
    () => closedOnFailure(cloneMount(source, options), (tree) => moveMount(tree, target)),
    () => bindByPath(ctx, source, target, options),
  );

/** {@link bindFd} by mount(2), where open_tree(2) or move_mount(2) is refused. */
export function bindByPath(
  ctx: InitContext,
  source: number,
  target: number,
  { recursive }: BindOptions,
): number {
  const flags = MS_BIND | (recursive ? MS_REC : 0);
  atProcfs(ctx.procfs, () => mount(selfFd(source), selfFd(target), null, flags, null));
  return openTop(ctx, target);
}
