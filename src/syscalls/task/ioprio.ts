import type { IOPriorityClass } from '../../config/names/io-priority-classes.ts';
import { declareSyscall } from '../ffi/libc.ts';

/** linux/ioprio.h. */
const CLASSES: Record<IOPriorityClass, number> = {
  IOPRIO_CLASS_RT: 1,
  IOPRIO_CLASS_BE: 2,
  IOPRIO_CLASS_IDLE: 3,
};
const IOPRIO_CLASS_SHIFT = 13;
const IOPRIO_WHO_PROCESS = 1;

const native = declareSyscall<[number, number, number]>(
  'ioprio_set',
  ['int64_t', 'int64_t', 'int64_t'],
  {
    describe: (_which, _who, value) => `ioprio_set class ${value >> 13} level ${value & 0x1fff}`,
    changesProcess: (...args) => ({ syscall: 'ioprio_set', arguments: args }),
  },
);

/** ioprio_set(2) of the calling process; `level` is 0 (highest) to 7. */
export function ioprioSet(ioClass: IOPriorityClass, level: number): void {
  native(IOPRIO_WHO_PROCESS, 0, (CLASSES[ioClass] << IOPRIO_CLASS_SHIFT) | level);
}
