import { koffi, libc, type NativeFunction } from '../ffi/koffi.ts';
import { syscallError } from '../ffi/libc.ts';

// sys/mman.h
const PROT_READ = 1;
const PROT_WRITE = 2;
const PROT_EXEC = 4;
const MAP_PRIVATE = 0x02;
const MAP_ANONYMOUS = 0x20;

/** Maps machine code, readable and executable, for the life of the process. Returns its address. */
export function mapCode(code: Uint8Array): bigint {
  const mmap = libc().func(
    'uintptr_t mmap(void *addr, size_t length, int prot, int flags, int fd, int64_t offset)',
  );
  const mprotect = libc().func('int mprotect(uintptr_t addr, size_t length, int prot)');
  const flags = MAP_PRIVATE | MAP_ANONYMOUS;
  const address = BigInt(mmap(null, code.length, PROT_READ | PROT_WRITE, flags, -1, 0));
  if (address === 0xffffffffffffffffn) throw syscallError(koffi().errno(), 'mmap');
  new Uint8Array(koffi().view(address, code.length)).set(code);
  if (mprotect(address, code.length, PROT_READ | PROT_EXEC) !== 0) {
    throw syscallError(koffi().errno(), 'mprotect');
  }
  return address;
}

/** The function at `address`, by its C prototype. */
export const functionAt = (address: bigint, prototype: string): NativeFunction =>
  koffi().decode(address, koffi().proto(prototype));
