import { libc, type NativeFunction } from '../ffi/koffi.ts';

const MADV_DONTNEED = 4;
const MADV_DOFORK = 11;

let native: NativeFunction | undefined;

/** madvise(2) with MADV_DOFORK. Failures are ignored: the kernel refuses special mappings. */
export function inheritAcrossFork(address: number, length: number): void {
  madvise(address, length, MADV_DOFORK);
}

/** madvise(2) with MADV_DONTNEED. Changed pages of a private mapping are lost. */
export function dropPages(begin: bigint, end: bigint): void {
  madvise(begin, end - begin, MADV_DONTNEED);
}

function madvise(address: number | bigint, length: number | bigint, advice: number): void {
  native ??= libc().func('int madvise(uintptr_t addr, size_t length, int advice)');
  native(address, length, advice);
}
