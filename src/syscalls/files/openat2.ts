import { declareNewer } from '../ffi/libc.ts';
import { O_CLOEXEC } from './file.ts';

// linux/openat2.h
export const RESOLVE_NO_XDEV = 0x01;
export const RESOLVE_NO_MAGICLINKS = 0x02;
export const RESOLVE_BENEATH = 0x08;
export const RESOLVE_IN_ROOT = 0x10;

const nativeOpenat2 = declareNewer<[number, string, Uint8Array, number]>(
  'openat2',
  ['int64_t', 'const char *', 'void *', 'int64_t'],
  { describe: (_fd, path) => `open ${path}` },
);

/** struct open_how of linux/openat2.h: flags, mode and resolve, 64 bits each. For one call at a time. */
const how = Buffer.alloc(24);

/**
 * openat2(2), always O_CLOEXEC. Linux 5.6. EAGAIN when a concurrent rename or mount keeps the
 * kernel from being sure that the path stayed inside.
 */
export function openat2(dirFd: number, path: string, flags: number, resolve: number): number {
  how.writeInt32LE(flags | O_CLOEXEC, 0);
  how.writeInt32LE(resolve, 16);
  return nativeOpenat2(dirFd, path, how, how.length);
}
