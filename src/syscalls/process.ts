import { constants } from 'node:os';
import { koffi } from './koffi.ts';
import { declare, declareSyscall } from './libc.ts';
import { cloneFlagNames } from './namespaces.ts';

// linux/sched.h
const CLONE_PIDFD = 0x00001000;
export const CLONE_PARENT = 0x00008000;
const CLONE_INTO_CGROUP = 0x200000000n;
const { SIGCHLD } = constants.signals;

/** struct clone_args (linux/sched.h) up to `cgroup`: eleven 64-bit fields. */
export const CLONE_ARGS_SIZE = 88;

const nativeClone3 = declareSyscall<[Uint8Array, number]>('clone3', 435, ['void *', 'int64_t'], {
  describe: (args) => `clone3 ${cloneFlagNames(Buffer.from(args).readUInt32LE(0))}`,
});

/** What {@link prepareClone} lays out; `pidfd[0]` is the child's pidfd once the call returned. */
export interface CloneArgs {
  bytes: Buffer;
  pidfd: Int32Array;
}

/**
 * clone3(2)'s arguments, for a child with a copy of the caller's memory; with `cgroup`, an fd of a
 * cgroup v2 directory, the child is born in there.
 */
export function prepareClone(flags: number, cgroup?: number): CloneArgs {
  const bytes = Buffer.alloc(CLONE_ARGS_SIZE);
  const pidfd = new Int32Array([-1]);
  writeCloneArgs(bytes, { flags, cgroup, pidfd: koffi().address(pidfd) });
  return { bytes, pidfd };
}

/** Addresses of int32s are where the kernel writes, or clears, what they are named after. */
interface CloneFields {
  flags: number;
  cgroup: number | undefined;
  pidfd: bigint;
  childTid?: bigint;
  parentTid?: bigint;
}

/** Fills a zeroed struct clone_args. */
export function writeCloneArgs(bytes: Buffer, fields: CloneFields): void {
  const { flags, cgroup, pidfd, childTid = 0n, parentTid = 0n } = fields;
  const into = cgroup === undefined ? 0n : CLONE_INTO_CGROUP;
  bytes.writeBigUInt64LE(BigInt(flags | CLONE_PIDFD) | into, 0);
  bytes.writeBigUInt64LE(pidfd, 8);
  bytes.writeBigUInt64LE(childTid, 16);
  bytes.writeBigUInt64LE(parentTid, 24);
  // With CLONE_PARENT the kernel takes the caller's own exit signal and refuses another.
  bytes.writeBigUInt64LE(flags & CLONE_PARENT ? 0n : BigInt(SIGCHLD), 32);
  bytes.writeBigUInt64LE(BigInt(cgroup ?? 0), 80);
}

/** clone3(2): 0 in the child, the child's pid in the caller. Runs none of glibc's fork handlers. */
export const clone3 = (args: CloneArgs): number => nativeClone3(args.bytes, CLONE_ARGS_SIZE);

const nativeWaitpid = declare<[number, Int32Array, number]>(
  'pid_t waitpid(pid_t pid, _Out_ int *wstatus, int options)',
);

export const WNOHANG = 1;

/**
 * waitpid(2), as the status a shell would show: the exit code, or 128 + the signal's number.
 * `undefined` when `options` has WNOHANG and the child is still there.
 */
export function waitpid(pid: number, options = 0): number | undefined {
  const status = new Int32Array(1);
  if (nativeWaitpid(pid, status, options) === 0) return undefined;
  return shellStatus(status[0]!);
}

/** A wait status (bits/waitstatus.h) as the shell's exit status. */
function shellStatus(status: number): number {
  const signal = status & 0x7f;
  return signal === 0 ? (status >> 8) & 0xff : 128 + signal;
}

const nativeExit = declare<[number]>('int _exit(int status)');

/** _exit(2): ends the process at once, with no exit handler run. */
export function exitNow(status: number): never {
  nativeExit(status);
  throw new Error('_exit returned');
}

/** getpid(2), asked anew: process.pid is that of the process that Node was started as. */
export const getpid = declare<[]>('pid_t getpid()');

/** setsid(2). */
export const setsid = declare<[]>('pid_t setsid()');
