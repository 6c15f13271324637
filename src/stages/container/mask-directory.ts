import { failedWith } from '../../errors/syscall-error.ts';
import { closedOnFailure } from '../../syscalls/closed-on-failure.ts';
import { MS_RDONLY } from '../../syscalls/mount.ts';
import { moveMount } from '../../syscalls/mount-api.ts';
import { createFilesystem } from './mount-one/fs-context.ts';

/** Covers the directory open as `target` with an empty read-only tmpfs; an fd of that. */
export const maskDirectory = (target: number, label?: string): number =>
  closedOnFailure(emptyTmpfs(label), (fd) => moveMount(fd, target));

function emptyTmpfs(label: string | undefined): number {
  try {
    return tmpfsWithInodes(1, label);
  } catch (error) {
    // Ubuntu's kernel 5.4 refuses fewer than two inodes.
    if (failedWith(error, 'EINVAL')) return tmpfsWithInodes(2, label);
    throw error;
  }
}

function tmpfsWithInodes(inodes: number, label: string | undefined): number {
  return createFilesystem({
    type: 'tmpfs',
    source: 'tmpfs',
    flags: MS_RDONLY,
    data: [
      ['nr_blocks', '1'],
      ['nr_inodes', String(inodes)],
      ...(label ? [['context', label] as [string, string]] : []),
    ],
  });
}
