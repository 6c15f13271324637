import { constants } from 'node:os';
import { hasErrno } from '../../errors/syscall-error.ts';
import { koffi } from '../ffi/koffi.ts';
import { declare, declareNewer, declareSyscall } from '../ffi/libc.ts';
import { isAvailable } from '../ffi/newer-calls.ts';
import { CLONE_NEWTIME, cloneFlagNames } from './namespaces.ts';
import { shellStatus } from './wait-status.ts';

// linux/sched.h
const CLONE_PIDFD = 0x00001000;
export const CLONE_PARENT = 0x00008000;
const CLONE_INTO_CGROUP = 0x200000000n;
const { SIGCHLD } = constants.signals;

/** struct clone_args (linux/sched.h) up to `cgroup`: eleven 64-bit fields. */
export const CLONE_ARGS_SIZE = 88;
/** Its size in Linux 5.3. Kernels before 5.7 refuse a larger struct with a `cgroup` (E2BIG). */
const CLONE_ARGS_SIZE_VER0 = 64;

const nativeClone3 = declareNewer<[Uint8Array, number]>('clone3', ['void *', 'int64_t'], {
  describe: (args) => `clone3 ${cloneFlagNames(Buffer.from(args).readUInt32LE(0))}`,
});

const nativeClone = declareSyscall<[number, null, Int32Array, number, number]>(
  'clone',
  ['int64_t', 'void *', 'void *', 'int64_t', 'int64_t'],
  { describe: (flags) => `clone ${cloneFlagNames(flags & ~0xff)}` },
);

/** The arguments of {@link clone}. After the call `pidfd[0]` is the child's pidfd. */
export interface CloneArgs {
  flags: number;
  /** struct clone_args. Undefined without clone3(2): then clone(2) takes `flags`. */
  bytes: Buffer | undefined;
  pidfd: Int32Array;
  /** Fd of the cgroup v2 directory to which the caller must move the child, if any. */
  moveTo: number | undefined;
}

/** Whether clone3(2) can start a child in a cgroup (Linux 5.7). False after it refused to. */
let bornIntoCgroups = true;

/**
 * The arguments for a child with a copy of the caller's memory. `cgroup` is an fd of a cgroup v2
 * directory: the child starts in that cgroup if the kernel can do it, otherwise `moveTo` is set.
 */
export function prepareClone(flags: number, cgroup?: number): CloneArgs {
  const pidfd = new Int32Array([-1]);
  // In clone(2) the bit of CLONE_NEWTIME is part of the exit signal.
  if (!(flags & CLONE_NEWTIME) && !isAvailable('clone3')) {
    return { flags, bytes: undefined, pidfd, moveTo: cgroup };
  }
  const into = bornIntoCgroups ? cgroup : undefined;
  const bytes = Buffer.alloc(into === undefined ? CLONE_ARGS_SIZE_VER0 : CLONE_ARGS_SIZE);
  writeCloneArgs(bytes, { flags, cgroup: into, pidfd: koffi().address(pidfd) });
  return { flags, bytes, pidfd, moveTo: into === undefined ? cgroup : undefined };
}

/** Fields of struct clone_args. A bigint is the address of an int32 that the kernel sets. */
interface CloneFields {
  flags: number;
  cgroup: number | undefined;
  pidfd: bigint;
  childTid?: bigint;
  parentTid?: bigint;
}

/** The flags of clone3(2) for a child with a pidfd, in the cgroup of the fd `cgroup` if given. */
export function cloneFlags(flags: number, cgroup: number | undefined): bigint {
  return BigInt(flags | CLONE_PIDFD) | (cgroup === undefined ? 0n : CLONE_INTO_CGROUP);
}

/** Fills a zeroed struct clone_args. */
export function writeCloneArgs(bytes: Buffer, fields: CloneFields): void {
  const { flags, cgroup, pidfd, childTid = 0n, parentTid = 0n } = fields;
  bytes.writeBigUInt64LE(cloneFlags(flags, cgroup), 0);
  bytes.writeBigUInt64LE(pidfd, 8);
  bytes.writeBigUInt64LE(childTid, 16);
  bytes.writeBigUInt64LE(parentTid, 24);
  // With CLONE_PARENT the kernel takes the caller's own exit signal and refuses another.
  bytes.writeBigUInt64LE(flags & CLONE_PARENT ? 0n : BigInt(SIGCHLD), 32);
  if (cgroup !== undefined) bytes.writeBigUInt64LE(BigInt(cgroup), 80);
}

/**
 * clone3(2): 0 in the child, the child's pid in the caller. Runs none of glibc's fork handlers.
 * Undefined when the kernel cannot start a child in a cgroup: call {@link prepareClone} again.
 */
export function clone(args: CloneArgs): number | undefined {
  const { flags, bytes, pidfd } = args;
  if (bytes === undefined) return nativeClone(flags | CLONE_PIDFD | SIGCHLD, null, pidfd, 0, 0);
  try {
    return nativeClone3(bytes, bytes.length);
  } catch (error) {
    if (!hasErrno(error, 'E2BIG') || bytes.length === CLONE_ARGS_SIZE_VER0) throw error;
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
 * `undefined` when `options` has WNOHANG and the child has not ended.
 */
export function waitpid(pid: number, options = 0): number | undefined {
  const status = waitStatus(pid, options);
  return status === undefined ? undefined : shellStatus(status);
}

/** As {@link waitpid}, with the wait status itself, which tells a signal from an exit code. */
export function waitStatus(pid: number, options = 0): number | undefined {
  const status = new Int32Array(1);
  return nativeWaitpid(pid, status, options) === 0 ? undefined : status[0]!;
}

const nativeExit = declare<[number]>('int _exit(int status)');

/** _exit(2): ends the process at once, with no exit handler run. */
export function exitNow(status: number): never {
  nativeExit(status);
  throw new Error('_exit returned');
}

/** getpid(2). In a cloned child process.pid still is the pid of the process that started Node. */
export const getpid = declare<[]>('pid_t getpid()');

/** setsid(2). */
export const setsid = declare<[]>('pid_t setsid()');
