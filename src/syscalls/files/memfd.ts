import { hasErrno } from '../../errors/syscall-error.ts';
import { declare, declareNewer } from '../ffi/libc.ts';

// linux/memfd.h
const MFD_CLOEXEC = 0x1;
const MFD_ALLOW_SEALING = 0x2;
const MFD_EXEC = 0x10;

// linux/fcntl.h
const F_ADD_SEALS = 1033;
const F_GET_SEALS = 1034;
const F_SEAL_SEAL = 0x1;
const F_SEAL_SHRINK = 0x2;
const F_SEAL_GROW = 0x4;
const F_SEAL_WRITE = 0x8;
const F_SEAL_EXEC = 0x20;

const nativeCreate = declareNewer<[string, number]>('memfd_create', ['const char *', 'int64_t'], {
  describe: (name) => `memfd_create ${name}`,
});
const nativeFcntl = declare<[number, number, number]>('int fcntl(int fd, int op, long arg)', {
  describe: (_fd, op, seals) =>
    op === F_GET_SEALS ? 'fcntl F_GET_SEALS' : `fcntl F_ADD_SEALS 0x${seals.toString(16)}`,
});

/** memfd_create(2): a close-on-exec file in memory that can be sealed. */
export const memfdCreate = (name: string): number =>
  nativeCreate(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

/** {@link memfdCreate} for a program to execute. EACCES where the sysctl vm.memfd_noexec is 2. */
export function memfdCreateExecutable(name: string): number {
  try {
    return nativeCreate(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
  } catch (error) {
    // Before Linux 6.3 the flag is unknown and every memfd is executable.
    if (hasErrno(error, 'EINVAL')) return memfdCreate(name);
    throw error;
  }
}

/** Whether seals can be added. False for a file that is no memfd, or that has F_SEAL_SEAL. */
export function isSealable(fd: number): boolean {
  try {
    return (nativeFcntl(fd, F_GET_SEALS, 0) & F_SEAL_SEAL) === 0;
  } catch (error) {
    if (hasErrno(error, 'EINVAL')) return false;
    throw error;
  }
}

/** F_ADD_SEALS(2const): fixes the file's content, seals and (Linux 6.3) execute bits for ever. */
export function sealForEver(fd: number): void {
  const seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  try {
    nativeFcntl(fd, F_ADD_SEALS, seals | F_SEAL_EXEC);
  } catch (error) {
    if (!hasErrno(error, 'EINVAL')) throw error;
    nativeFcntl(fd, F_ADD_SEALS, seals);
  }
}
