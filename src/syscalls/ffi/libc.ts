import { constants } from 'node:os';
import { SyscallError } from '../../errors/syscall-error.ts';
import { hostArch } from '../../machine/assembler.ts';
import { SYSCALL_NUMBERS, type SyscallName } from '../../machine/syscall-numbers.ts';
import { koffi, libc, type NativeFunction } from './koffi.ts';
import { isRefusal, type NewerCall, refusalHint } from './newer-calls.ts';
import { noteProcessCall, type ProcessCall } from './process-calls.ts';

/** Puts a call and its arguments into words: `mount proc on /proc (MS_NOSUID)`. */
export type Describe<A extends unknown[]> = (...args: A) => string;

interface DeclareOptions<A extends unknown[]> {
  describe?: Describe<A>;
  /** Repeat the call when a signal interrupts it. Default true; close(2) must not be repeated. */
  restart?: boolean;
  /**
   * For a call that changes the calling process: the call, unless these arguments change nothing.
   */
  changesProcess?: (...args: A) => ProcessCall | undefined;
}

/**
 * Declares a libc function that returns -1 and sets errno on failure. It is bound at its first
 * call, retried on EINTR, and throws {@link SyscallError}.
 * `prototype` is C, as in the manual: `int umount2(const char *target, int flags)`.
 */
export function declare<A extends unknown[]>(
  prototype: string,
  options?: DeclareOptions<A>,
): (...args: A) => number {
  const name = /(\w+)\(/.exec(prototype)![1]!;
  return checked(name, () => libc().func(prototype), options);
}

/**
 * {@link declare} for a function that often fails as expected: returns the negative errno instead of
 * throwing, which takes longer than the call.
 */
export function declareTry<A extends unknown[]>(prototype: string): (...args: A) => number {
  return tried(() => libc().func(prototype));
}

function tried<A extends unknown[]>(bind: () => (...args: A) => unknown): (...args: A) => number {
  let native: ((...args: A) => unknown) | undefined;
  return (...args) => {
    native ??= bind();
    const result = Number(native(...args));
    return result === -1 ? -koffi().errno() : result;
  };
}

type SyscallArgument = number | bigint | string | Uint8Array | Int32Array | null;
export type Register = 'int64_t' | 'void *' | 'const char *';

/**
 * Declares a system call that is made by its number, not through a libc function of its own.
 * `registers` gives the C type of each argument.
 */
export function declareSyscall<A extends SyscallArgument[]>(
  name: SyscallName,
  registers: Register[],
  options?: DeclareOptions<A>,
): (...args: A) => number {
  return checked(name, () => bindSyscall<A>(name, registers), options);
}

/** {@link declareSyscall} for a call that often fails as expected: see {@link declareTry}. */
export function declareTrySyscall<A extends SyscallArgument[]>(
  name: SyscallName,
  registers: Register[],
): (...args: A) => number {
  return tried(() => bindSyscall<A>(name, registers));
}

function bindSyscall<A extends SyscallArgument[]>(
  name: SyscallName,
  registers: Register[],
): (...args: A) => unknown {
  const number = SYSCALL_NUMBERS[name][hostArch()];
  const syscall = libc().func('syscall', 'long', ['long', ...registers]);
  return (...args) => syscall(number, ...args);
}

/**
 * The function that `bind` gives at the first call, repeated and with errors as {@link declare}
 * says.
 */
function checked<A extends unknown[]>(
  name: string,
  bind: () => (...args: A) => unknown,
  { describe, restart = true, changesProcess }: DeclareOptions<A> = {},
): (...args: A) => number {
  let native: ((...args: A) => unknown) | undefined;
  return (...args) => {
    native ??= bind();
    for (;;) {
      const result = Number(native(...args));
      if (result !== -1) {
        if (changesProcess) noteProcessCall(() => changesProcess(...args));
        return result;
      }
      const errno = koffi().errno();
      if (errno === constants.errno.EINTR && restart) continue;
      throw syscallError(errno, name, describe ? describe(...args) : name);
    }
  };
}

/** {@link declareSyscall} for a call that an older kernel lacks. */
export const declareNewer = <A extends SyscallArgument[]>(
  name: NewerCall,
  registers: Register[],
  options?: DeclareOptions<A>,
): ((...args: A) => number) => declareSyscall(name, registers, options);

/** The error for an errno, as {@link declare} throws it. */
export function syscallError(errno: number, syscall: string, call = syscall): SyscallError {
  const code = errnoName(errno);
  const hint = isRefusal(syscall, errno) ? refusalHint(syscall) : undefined;
  return new SyscallError({ code, errno, syscall, call, reason: strerror(errno), hint });
}

let names: Map<number, string> | undefined;

/** `EPERM` for 1; errno(3). */
function errnoName(errno: number): string {
  names ??= namesByErrno();
  return names.get(errno) ?? `errno ${errno}`;
}

/** Where two names have one number, the first in Node's list: EAGAIN, not EWOULDBLOCK. */
function namesByErrno(): Map<number, string> {
  const found = new Map<number, string>();
  for (const [name, errno] of Object.entries(constants.errno)) {
    if (!found.has(errno)) found.set(errno, name);
  }
  return found;
}

let nativeStrerror: NativeFunction | undefined;
const reasons = new Map<number, string>();

/** strerror(3) with a small first letter, as in Go: callers match `no such file or directory`. */
export function strerror(errno: number): string {
  const known = reasons.get(errno);
  if (known !== undefined) return known;
  nativeStrerror ??= libc().func('const char *strerror(int errnum)');
  const reason = lowerFirst(nativeStrerror(errno));
  reasons.set(errno, reason);
  return reason;
}

let nativeStrsignal: NativeFunction | undefined;

/** strsignal(3) with a small first letter, as in Go: `killed`, `bad system call`. */
export function strsignal(signal: number): string {
  nativeStrsignal ??= libc().func('const char *strsignal(int sig)');
  return lowerFirst(nativeStrsignal(signal));
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** The names of the bits set in `value`: `MS_NOSUID|MS_NOEXEC`. Unnamed bits are one hex number. */
export function flagNames(names: Record<string, number>, value: number): string {
  const set: string[] = [];
  let rest = value;
  for (const [name, bit] of Object.entries(names)) {
    if (bit !== 0 && (rest & bit) === bit) {
      set.push(name);
      rest &= ~bit;
    }
  }
  if (rest !== 0 || set.length === 0) set.push(`0x${rest.toString(16)}`);
  return set.join('|');
}
