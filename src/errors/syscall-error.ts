/** A system call that failed: `mount proc on /proc (MS_NOSUID): EPERM: operation not permitted`. */
export class SyscallError extends Error {
  override readonly name = 'SyscallError';
  /** The errno's name, as in errno(3): `EPERM`. */
  readonly code: string;
  readonly errno: number;
  /** The function's name in section 2 or 3 of the manual: `mount`. */
  readonly syscall: string;
  /** The call with its arguments, for a reader: `mount proc on /proc (MS_NOSUID)`. */
  readonly call: string;
  /** What the kernel says of it: `operation not permitted`. */
  readonly reason: string;
  /** Where the kernel lacks the call, or a seccomp filter around davit refuses it: what to say of that. */
  readonly hint: string | undefined;

  constructor(failure: {
    code: string;
    errno: number;
    syscall: string;
    call: string;
    reason: string;
    hint?: string | undefined;
  }) {
    super(`${failure.call}: ${failure.code}: ${failure.reason}`);
    this.code = failure.code;
    this.errno = failure.errno;
    this.syscall = failure.syscall;
    this.call = failure.call;
    this.reason = failure.reason;
    this.hint = failure.hint;
  }

  /** The same failure, of what the call was a part of. */
  describedAs(call: string): SyscallError {
    return new SyscallError({ ...this, call });
  }
}

/** True when `error` is a failed system call with one of the errnos, of ours or of node:fs. */
export function failedWith(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** True when the kernel lacks the system call that failed, or a seccomp filter around davit refuses it. */
export const isRefused = (error: unknown): boolean =>
  error instanceof SyscallError && error.hint !== undefined;

/** Does the same by older calls where a newer one is refused. */
export function unlessRefused<T>(use: () => T, otherwise: () => T): T {
  try {
    return use();
  } catch (error) {
    if (!isRefused(error)) throw error;
  }
  return otherwise();
}
