import { closeSync, constants, openSync } from 'node:fs';
import { declare } from '../../../src/syscalls/ffi/libc.ts';
import { O_CLOEXEC } from '../../../src/syscalls/files/file.ts';
import type { SeccompNotif } from '../../../src/syscalls/rights/seccomp-notify.ts';

// linux/seccomp.h
const SECCOMP_IOCTL_NOTIF_ADDFD = 0x40182103;
const SECCOMP_ADDFD_FLAG_SETFD = 1;

const ioctl = declare<[number, number, Uint8Array]>(
  'int ioctl(int fd, unsigned long request, const void *argument)',
  { describe: () => 'ioctl SECCOMP_IOCTL_NOTIF_ADDFD' },
);

/**
 * Replaces the fd that a failing close(2) names by one of /dev/null, because close(2) releases its
 * fd even when it fails.
 */
export function closeThere(listener: number, { id, args }: SeccompNotif): void {
  const nothing = openSync('/dev/null', constants.O_RDONLY);
  try {
    // struct seccomp_notif_addfd: id, flags, srcfd, newfd, newfd_flags.
    const bytes = Buffer.alloc(24);
    bytes.writeBigUInt64LE(id, 0);
    bytes.writeUInt32LE(SECCOMP_ADDFD_FLAG_SETFD, 8);
    bytes.writeUInt32LE(nothing, 12);
    bytes.writeUInt32LE(Number(args[0]! & 0xffffffffn), 16);
    bytes.writeUInt32LE(O_CLOEXEC, 20);
    ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, bytes);
  } finally {
    closeSync(nothing);
  }
}
