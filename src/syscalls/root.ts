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

/** chdir(2): process.chdir keeps a cached cwd that a forked copy must not trust. */
export const chdir = declare<[path: string]>('int chdir(const char *path)', {
  describe: (path) => `chdir to ${path}`,
});

/** fchdir(2). */
export const fchdir = declare<[fd: number]>('int fchdir(int fd)');
