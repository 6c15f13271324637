import { declare, declareSyscall } from './libc.ts';

/** pivot_root(2); libc has no function for it. */
export const pivotRoot = declareSyscall<[newRoot: string, putOld: string]>(
  'pivot_root',
  { x64: 155, arm64: 41 },
  ['const char *', 'const char *'],
);

/** chroot(2). */
export const chroot = declare<[path: string]>('int chroot(const char *path)', {
  describe: (path) => `chroot to ${path}`,
});

/** fchdir(2). process.cwd() does not notice: where it matters, process.chdir comes last. */
export const fchdir = declare<[fd: number]>('int fchdir(int fd)');
