import { declareSyscall } from '../ffi/libc.ts';

/** _LINUX_CAPABILITY_VERSION_3 (linux/capability.h): 64-bit sets, in two halves. */
const VERSION_3 = 0x20080522;

/** The sets that capget(2) and capset(2) carry; bit n is the capability of number n. */
export interface CapabilityBits {
  effective: bigint;
  permitted: bigint;
  inheritable: bigint;
}

const nativeCapget = declareSyscall<[Uint8Array, Uint8Array]>('capget', ['void *', 'void *']);
const nativeCapset = declareSyscall<[Uint8Array, Uint8Array]>('capset', ['void *', 'void *'], {
  changesProcess: (...args) => ({ syscall: 'capset', arguments: args }),
});

/** capget(2) of the calling thread. */
export function capget(): CapabilityBits {
  const data = Buffer.alloc(24);
  nativeCapget(header(), data);
  const set = (at: number): bigint =>
    BigInt(data.readUInt32LE(at)) | (BigInt(data.readUInt32LE(at + 12)) << 32n);
  return { effective: set(0), permitted: set(4), inheritable: set(8) };
}

/** capset(2), of the calling thread. */
export function capset(sets: CapabilityBits): void {
  nativeCapset(...capsetArguments(sets));
}

/** The two arguments of capset(2), for the calling thread. */
export function capsetArguments(sets: CapabilityBits): [header: Buffer, data: Buffer] {
  const data = Buffer.alloc(24);
  [sets.effective, sets.permitted, sets.inheritable].forEach((bits, i) => {
    data.writeUInt32LE(Number(bits & 0xffffffffn), 4 * i);
    data.writeUInt32LE(Number(bits >> 32n), 4 * i + 12);
  });
  return [header(), data];
}

/** struct __user_cap_header_struct: version, pid (0 is the caller). */
function header(): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(VERSION_3, 0);
  return bytes;
}
