import { unlessRefused } from '../../errors/syscall-error.ts';
import { declareNewer } from '../ffi/libc.ts';
import { AT_EMPTY_PATH, AT_FDCWD } from '../files/file.ts';

// linux/stat.h: struct statx is 256 bytes, stx_mask at 0.
const STATX_INO = 0x100;
const STATX_MNT_ID = 0x1000;
const STATX_SIZE = 256;
const STX_INO = 0x20;
/** stx_dev_major and stx_dev_minor. */
const STX_DEV = 0x88;
const STX_MNT_ID = 0x90;

const nativeStatx = declareNewer<[number, string, number, number, Uint8Array]>('statx', [
  'int64_t',
  'const char *',
  'int64_t',
  'int64_t',
  'void *',
]);

/** For one system call at a time. */
const bytes = Buffer.alloc(STATX_SIZE);

/** statx(2): the id of the mount of an fd, which may be O_PATH. Undefined before Linux 5.8. */
export function mountIdOf(fd: number): bigint | undefined {
  const has = unlessRefused(
    () => nativeStatx(fd, '', AT_EMPTY_PATH, STATX_MNT_ID, bytes) === 0,
    () => false,
  );
  if (!has || (bytes.readUInt32LE(0) & STATX_MNT_ID) === 0) return undefined;
  return bytes.readBigUInt64LE(STX_MNT_ID);
}

/** statx(2): what tells the file that `path` leads to, and its mount, from all others. Linux 5.8. */
export function placeOf(path: string): string {
  nativeStatx(AT_FDCWD, path, 0, STATX_INO | STATX_MNT_ID, bytes);
  const [device, inode, mount] = [STX_DEV, STX_INO, STX_MNT_ID].map((at) =>
    bytes.readBigUInt64LE(at),
  );
  return `${device} ${inode} ${mount}`;
}
