import { unlessRefused } from '../../errors/syscall-error.ts';
import { declareNewer } from '../ffi/libc.ts';
import { AT_EMPTY_PATH } from '../files/file.ts';

// linux/stat.h: struct statx is 256 bytes, stx_mask at 0, stx_mnt_id at 0x90.
const STATX_MNT_ID = 0x1000;
const STATX_SIZE = 256;
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
