import { declare, declareSyscall } from '../ffi/libc.ts';

/** pivot_root(2); libc has no function for it. */
export const pivotRoot = declareSyscall<[newRoot: string, putOld: string]>('pivot_root', [
  'const char *',
  'const char *',
]);

/** chroot(2). */
export const chroot = declare<[path: string]>('int chroot(const char *path)', {
  describe: (path) => `chroot to ${path}`,
});

const nativeGetcwd = declareSyscall<[buffer: Uint8Array, size: number]>('getcwd', [
  'void *',
  'int64_t',
]);

/**
 * getcwd(2) as the kernel answers it: `(unreachable)/x` for a directory that is not below the root.
 * libc's getcwd(3), which Node uses, would then climb up to the first directory that has the root's
 * inode, on whatever mount.
 */
export function getcwd(): string {
  const path = Buffer.alloc(4096);
  return path.toString('utf8', 0, nativeGetcwd(path, path.length) - 1);
}

/** fchdir(2). process.cwd() does not notice it until process.chdir is called. */
export const fchdir = declare<[fd: number]>('int fchdir(int fd)');
