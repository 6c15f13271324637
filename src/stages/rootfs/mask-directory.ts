import type { InitContext } from '../../context/init-context.ts';
import { hasErrno, unlessRefused } from '../../errors/syscall-error.ts';
import { closedOnFailure } from '../../syscalls/files/closed-on-failure.ts';
import { MS_RDONLY, mount } from '../../syscalls/mount/mount.ts';
import { moveMount } from '../../syscalls/mount/mount-api.ts';
import { atProcfs, selfFd } from '../mounts/filesystem/at-procfs.ts';
import { createFilesystem, splitData } from '../mounts/filesystem/fs-context.ts';
import { openTop } from '../mounts/open-top.ts';

/** Covers the directory open as `target` with an empty read-only tmpfs; returns its O_PATH fd. */
export function maskDirectory(ctx: InitContext, target: number, label?: string): number {
  try {
    return coverWithInodes(1, ctx, target, label);
  } catch (error) {
    // Ubuntu's kernel 5.4 refuses fewer than two inodes.
    if (hasErrno(error, 'EINVAL')) return coverWithInodes(2, ctx, target, label);
    throw error;
  }
}

function coverWithInodes(
  inodes: number,
  ctx: InitContext,
  target: number,
  label: string | undefined,
): number {
  const type = 'tmpfs';
  const data = `nr_blocks=1,nr_inodes=${inodes}${label ? `,context="${label}"` : ''}`;
  return unlessRefused(
    () => {
      const options = splitData(data);
      const tmpfs = createFilesystem({ type, source: type, flags: MS_RDONLY, data: options });
      return closedOnFailure(tmpfs, (fd) => moveMount(fd, target));
    },
    () => {
      atProcfs(ctx.procfs, () => mount(type, selfFd(target), type, MS_RDONLY, data));
      return openTop(ctx, target);
    },
  );
}
