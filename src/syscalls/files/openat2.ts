import { declareNewer, declareTrySyscall, type Register } from '../ffi/libc.ts';
import { O_CLOEXEC } from './file.ts';

// linux/openat2.h
export const RESOLVE_NO_XDEV = 0x01;
export const RESOLVE_NO_MAGICLINKS = 0x02;
export const RESOLVE_BENEATH = 0x08;
export const RESOLVE_IN_ROOT = 0x10;

const OPENAT2: Register[] = ['int64_t', 'const char *', 'void *', 'int64_t'];
type Openat2Call = [number, string, Uint8Array, number];
const nativeOpenat2 = declareNewer<Openat2Call>('openat2', OPENAT2, {
  describe: (_fd, path) => `open ${path}`,
});
const nativeTryOpenat2 = declareTrySyscall<Openat2Call>('openat2', OPENAT2);

/** struct open_how of linux/openat2.h: flags, mode and resolve, 64 bits each. For one call at a time. */
const how = Buffer.alloc(24);

/**
 * openat2(2), always O_CLOEXEC. Linux 5.6. EAGAIN when a concurrent rename or mount keeps the
 * kernel from being sure that the path stayed inside.
 */
export function openat2(dirFd: number, path: string, flags: number, resolve: number): number {
  return nativeOpenat2(dirFd, path, openHow(flags, resolve), how.length);
}

/** {@link openat2} where failures are expected: the negative errno is returned. */
export const tryOpenat2 = (dirFd: number, path: string, flags: number, resolve: number): number =>
  nativeTryOpenat2(dirFd, path, openHow(flags, resolve), how.length);

function openHow(flags: number, resolve: number): Buffer {
  how.writeInt32LE(flags | O_CLOEXEC, 0);
  how.writeInt32LE(resolve, 16);
  return how;
}
