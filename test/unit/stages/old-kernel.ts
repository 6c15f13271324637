import { koffi } from '../../../src/syscalls/ffi/koffi.ts';
import { declareSyscall } from '../../../src/syscalls/ffi/libc.ts';

const PR_SET_SECCOMP = 22;
const SECCOMP_MODE_FILTER = 2;
const OPENAT2 = 437;
const MOUNT_SETATTR = 442;

const prctl = declareSyscall<[number, number, Uint8Array]>('prctl', [
  'int64_t',
  'int64_t',
  'void *',
]);

/** Makes openat2(2) and mount_setattr(2) fail in this thread from now on, as on Linux 5.4. */
export function becomeOldKernel(): void {
  // seccomp(2): struct sock_filter { u16 code; u8 jt, jf; u32 k } of linux/filter.h.
  const instructions: [code: number, jt: number, jf: number, k: number][] = [
    [0x20, 0, 0, 0],
    [0x15, 1, 0, OPENAT2],
    [0x15, 0, 1, MOUNT_SETATTR],
    [0x06, 0, 0, 0x00050000 | 38],
    [0x06, 0, 0, 0x7fff0000],
  ];
  const filter = Buffer.alloc(8 * instructions.length);
  instructions.forEach(([code, jt, jf, k], i) => {
    filter.writeUInt16LE(code, i * 8);
    filter.writeUInt8(jt, i * 8 + 2);
    filter.writeUInt8(jf, i * 8 + 3);
    filter.writeUInt32LE(k, i * 8 + 4);
  });
  const program = Buffer.alloc(16);
  program.writeUInt16LE(instructions.length, 0);
  program.writeBigUInt64LE(koffi().address(filter), 8);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program);
}
