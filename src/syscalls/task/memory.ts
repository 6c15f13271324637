import { koffi, type NativeFunction } from '../ffi/koffi.ts';

const MADV_DOFORK = 11;

let native: NativeFunction | undefined;

/** madvise(2) with MADV_DOFORK. Failures are ignored: the kernel refuses special mappings. */
export function inheritAcrossFork(address: number, length: number): void {
  native ??= koffi()
    .load('libc.so.6')
    .func('int madvise(uintptr_t addr, size_t length, int advice)');
  native(address, length, MADV_DOFORK);
}
