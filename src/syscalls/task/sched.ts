import { declare, declareSyscall } from '../ffi/libc.ts';

/** struct sched_attr (linux/sched/types.h), its first version: 48 bytes. */
interface SchedAttr {
  policy: number;
  flags: bigint;
  nice: number;
  priority: number;
  /** Nanoseconds, as `deadline` and `period`. */
  runtime: bigint;
  deadline: bigint;
  period: bigint;
}

// linux/sched.h
export const SCHED_FIFO = 1;
export const SCHED_RR = 2;

/** sched_getscheduler(2) of `pid`, 0 being the calling thread: its policy. */
export const schedGetscheduler = declare<[pid: number]>('int sched_getscheduler(pid_t pid)');

const SCHED_ATTR_SIZE = 48;

const nativeSetattr = declareSyscall<[number, Uint8Array, number]>(
  'sched_setattr',
  ['int64_t', 'void *', 'int64_t'],
  { changesProcess: (...args) => ({ syscall: 'sched_setattr', arguments: args }) },
);

/** sched_setattr(2) of `pid`, 0 being the calling thread. */
export function schedSetattr(pid: number, attr: SchedAttr): void {
  const bytes = Buffer.alloc(SCHED_ATTR_SIZE);
  bytes.writeUInt32LE(SCHED_ATTR_SIZE, 0);
  bytes.writeUInt32LE(attr.policy, 4);
  bytes.writeBigUInt64LE(attr.flags, 8);
  bytes.writeInt32LE(attr.nice, 16);
  bytes.writeUInt32LE(attr.priority, 20);
  bytes.writeBigUInt64LE(attr.runtime, 24);
  bytes.writeBigUInt64LE(attr.deadline, 32);
  bytes.writeBigUInt64LE(attr.period, 40);
  nativeSetattr(pid, bytes, 0);
}

const nativeSetaffinity = declare<[number, number, Uint8Array]>(
  'int sched_setaffinity(pid_t pid, size_t cpusetsize, const void *mask)',
  { changesProcess: (...args) => ({ syscall: 'sched_setaffinity', arguments: args }) },
);

/** sched_setaffinity(2) of `pid`, 0 being the calling thread; bit n of `mask` is CPU n. */
export const schedSetaffinity = (pid: number, mask: Uint8Array): void => {
  nativeSetaffinity(pid, mask.length, mask);
};
