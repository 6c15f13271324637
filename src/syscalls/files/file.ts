import { constants } from 'node:fs';
import { declare, declareSyscall } from '../ffi/libc.ts';

// The fcntl.h constants that node:fs does not export.
export const O_PATH = 0o10000000;
export const O_CLOEXEC = 0o2000000;
export const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_EMPTY_PATH = 0x1000;

const nativeOpenat = declare<[number, string, number, number]>(
  'int openat(int dirfd, const char *pathname, int flags, unsigned int mode)',
  { describe: (_fd, path) => `open ${path}` },
);
const nativeReadlinkat = declare<[number, string, Uint8Array, number]>(
  'ssize_t readlinkat(int dirfd, const char *pathname, _Out_ void *buf, size_t bufsiz)',
  { describe: (_fd, path) => `readlink ${path || 'of an fd'}` },
);
const nativeFchownat = declare<[number, string, number, number, number]>(
  'int fchownat(int dirfd, const char *pathname, unsigned int owner, unsigned int group, int flags)',
);
const nativeUnlinkat = declare<[number, string, number]>(
  'int unlinkat(int dirfd, const char *pathname, int flags)',
  { describe: (_fd, path) => `unlink ${path}` },
);
const nativeMknodat = declare<[number, string, number, bigint]>(
  'int mknodat(int dirfd, const char *pathname, unsigned int mode, uint64_t dev)',
  { describe: (_fd, path) => `mknod ${path}` },
);
const nativeGetdents64 = declareSyscall<[number, Uint8Array, number]>('getdents64', [
  'int64_t',
  'void *',
  'int64_t',
]);
const nativeDup3 = declare<[number, number, number]>('int dup3(int oldfd, int newfd, int flags)');
const nativeUmask = declare<[number]>('unsigned int umask(unsigned int mask)', {
  changesProcess: (mask) => ({ syscall: 'umask', arguments: [mask] }),
});
const nativeFsetxattr = declare<[number, string, string, number, number]>(
  'int fsetxattr(int fd, const char *name, const char *value, size_t size, int flags)',
  { describe: (_fd, name, value) => `set ${name} to ${value}` },
);

/** openat(2), always O_CLOEXEC. */
export function openat(dirFd: number, path: string, flags: number, mode = 0): number {
  return nativeOpenat(dirFd, path, flags | O_CLOEXEC, mode);
}

/** For one system call at a time: memory that V8 frees by garbage collection costs more. */
const linkText = Buffer.allocUnsafeSlow(4096);

/** readlinkat(2); an empty path reads the symlink that an O_PATH|O_NOFOLLOW fd is open on. */
export function readlinkat(dirFd: number, path: string): string {
  const length = nativeReadlinkat(dirFd, path, linkText, linkText.length);
  return linkText.toString('utf8', 0, length);
}

/** mkdirat(2); the umask applies. */
export const mkdirat = declare<[dirFd: number, path: string, mode: number]>(
  'int mkdirat(int dirfd, const char *pathname, unsigned int mode)',
  { describe: (_fd, path) => `mkdir ${path}` },
);

/** mkfifo(3); the umask applies. */
export const mkfifo = declare<[path: string, mode: number]>(
  'int mkfifo(const char *pathname, unsigned int mode)',
  { describe: (path) => `mkfifo ${path}` },
);

/** symlinkat(2). */
export const symlinkat = declare<[target: string, dirFd: number, path: string]>(
  'int symlinkat(const char *target, int newdirfd, const char *linkpath)',
  { describe: (target, _fd, path) => `symlink ${path} to ${target}` },
);

/** unlinkat(2) of what is not a directory. */
export function unlinkat(dirFd: number, path: string): void {
  nativeUnlinkat(dirFd, path, 0);
}

/** mknodat(2); `mode` holds the type, the umask applies to the rest. */
export function mknodat(dirFd: number, path: string, mode: number, device: bigint): void {
  nativeMknodat(dirFd, path, mode, device);
}

/** fchownat(2) of the file that `fd` is open on; `fd` may be O_PATH. */
export function fchown(fd: number, uid: number, gid: number): void {
  nativeFchownat(fd, '', uid, gid, AT_EMPTY_PATH);
}

/** dup3(2) without O_CLOEXEC: for standard streams. */
export function dup2(fd: number, onto: number): void {
  nativeDup3(fd, onto, 0);
}

/** umask(2), without process.umask's checks for worker threads. Returns the former mask. */
export function umask(mask: number): number {
  return nativeUmask(mask);
}

/** fsetxattr(2); `fd` must not be O_PATH. Stores a final NUL with the value, as in LSM labels. */
export function fsetxattr(fd: number, name: string, value: string): void {
  nativeFsetxattr(fd, name, value, Buffer.byteLength(value) + 1, 0);
}

/** The names in a directory opened for reading, without `.` and `..`; getdents(2). */
export function readDirectory(fd: number): string[] {
  const buffer = Buffer.alloc(32768);
  const names: string[] = [];
  for (;;) {
    const end = nativeGetdents64(fd, buffer, buffer.length);
    if (end === 0) return names;
    // struct linux_dirent64: d_reclen at 16, d_name at 19.
    for (let at = 0; at < end; at += buffer.readUInt16LE(at + 16)) {
      const name = buffer.toString('utf8', at + 19, buffer.indexOf(0, at + 19));
      if (name !== '.' && name !== '..') names.push(name);
    }
  }
}

/** A device number as glibc's makedev(3) packs it, and stat(2) gives it in st_rdev. */
export function makedev(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return (
    ((high & 0xfffn) << 8n) | (low & 0xffn) | ((low & ~0xffn) << 12n) | ((high & ~0xfffn) << 32n)
  );
}

export const { S_IFMT, S_IFCHR, S_IFBLK, S_IFIFO, S_IFDIR, S_IFLNK, S_IFREG } = constants;
