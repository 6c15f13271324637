import { readlinkSync, statSync } from 'node:fs';
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
export const mountIdOf = (fd: number): bigint | undefined =>
  findMount(fd, '', AT_EMPTY_PATH) ? bytes.readBigUInt64LE(STX_MNT_ID) : undefined;

/**
 * What tells the file that the link `path` leads to, and its mount, from all others. Where the mount
 * is unknown, the path of the file stands for it.
 */
export function placeOf(path: string): string {
  if (findMount(AT_FDCWD, path, 0)) {
    return [STX_DEV, STX_INO, STX_MNT_ID].map((at) => bytes.readBigUInt64LE(at)).join(' ');
  }
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev} ${ino} ${readlinkSync(path)}`;
}

/** False if statx(2) is refused, or gives no mount: before Linux 5.8. */
function findMount(fd: number, path: string, flags: number): boolean {
  const isDone = unlessRefused(
    () => nativeStatx(fd, path, flags, STATX_INO | STATX_MNT_ID, bytes) === 0,
    () => false,
  );
  return isDone && (bytes.readUInt32LE(0) & STATX_MNT_ID) !== 0;
}
