import { constants } from 'node:os';
import { failedWith } from '../../errors/syscall-error.ts';
import { koffi } from '../ffi/koffi.ts';
import { declare, declareNewer, declareSyscall } from '../ffi/libc.ts';
import { isAvailable } from '../ffi/newer-calls.ts';
import { CLONE_NEWTIME, cloneFlagNames } from './namespaces.ts';

// linux/sched.h
const CLONE_PIDFD = 0x00001000;
export const CLONE_PARENT = 0x00008000;
const CLONE_INTO_CGROUP = 0x200000000n;
const { SIGCHLD } = constants.signals;

/** struct clone_args (linux/sched.h) up to `cgroup`: eleven 64-bit fields. */
export const CLONE_ARGS_SIZE = 88;
/** The same as in Linux 5.3, which refuses more. */
const CLONE_ARGS_SIZE_VER0 = 64;

const nativeClone3 = declareNewer<[Uint8Array, number]>('clone3', ['void *', 'int64_t'], {
  describe: (args) => `clone3 ${cloneFlagNames(Buffer.from(args).readUInt32LE(0))}`,
});

const nativeClone = declareSyscall<[number, null, Int32Array, number, number]>(
  'clone',
  { x64: 56, arm64: 220 },
  ['int64_t', 'void *', 'void *', 'int64_t', 'int64_t'],
  { describe: (flags) => `clone ${cloneFlagNames(flags & ~0xff)}` },
);

/** What {@link prepareClone} lays out; `pidfd[0]` is the child's pidfd once the call returned. */
export interface CloneArgs {
  flags: number;
  /** Undefined where the kernel lacks clone3(2): clone(2) takes `flags` then. */
  bytes: Buffer | undefined;
  pidfd: Int32Array;
  /** An fd of a cgroup v2 directory that the caller has to move the child to. */
  moveTo: number | undefined;
}

/** Linux 5.7. */
let bornIntoCgroups = true;

/**
 * The arguments for a child with a copy of the caller's memory; with `cgroup`, an fd of a cgroup v2
 * directory, the child is born in there, where the kernel can.
 */
export function prepareClone(flags: number, cgroup?: number): CloneArgs {
  const pidfd = new Int32Array([-1]);
  // clone(2) has another use for the bit of CLONE_NEWTIME.
  if (!(flags & CLONE_NEWTIME) && !isAvailable('clone3')) {
    return { flags, bytes: undefined, pidfd, moveTo: cgroup };
  }
  const into = bornIntoCgroups ? cgroup : undefined;
  const bytes = Buffer.alloc(into === undefined ? CLONE_ARGS_SIZE_VER0 : CLONE_ARGS_SIZE);
  writeCloneArgs(bytes, { flags, cgroup: into, pidfd: koffi().address(pidfd) });
  return { flags, bytes, pidfd, moveTo: into === undefined ? cgroup : undefined };
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
  if (cgroup !== undefined) bytes.writeBigUInt64LE(BigInt(cgroup), 80);
}

/**
 * clone3(2): 0 in the child, the child's pid in the caller. Runs none of glibc's fork handlers.
 * Undefined where the kernel cannot have a child born in a cgroup: the next {@link prepareClone} knows.
 */
export function clone(args: CloneArgs): number | undefined {
  const { flags, bytes, pidfd } = args;
  if (bytes === undefined) return nativeClone(flags | CLONE_PIDFD | SIGCHLD, null, pidfd, 0, 0);
  try {
    return nativeClone3(bytes, bytes.length);
  } catch (error) {
    if (!failedWith(error, 'E2BIG') || bytes.length === CLONE_ARGS_SIZE_VER0) throw error;
    bornIntoCgroups = false;
    return undefined;
  }
}

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
