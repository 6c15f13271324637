import { declareNewer } from '../ffi/libc.ts';

const CLOSE_RANGE_CLOEXEC = 1 << 2;
const MAX_FD = 0xffffffff;

const native = declareNewer<[number, number, number]>('close_range', [
  'int64_t',
  'int64_t',
  'int64_t',
]);

/**
 * close_range(2): marks every fd from `first` on close-on-exec.
 * ENOSYS before Linux 5.9, EINVAL before 5.11.
 */
export const closeOnExecFrom = (first: number): void => {
  native(first, MAX_FD, CLOSE_RANGE_CLOEXEC);
};
