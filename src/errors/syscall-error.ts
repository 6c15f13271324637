/** A system call that failed: `mount proc on /proc (MS_NOSUID): EPERM: operation not permitted`. */
export class SyscallError extends Error {
  override readonly name = 'SyscallError';
  /** The errno's name, as in errno(3): `EPERM`. */
  readonly code: string;
  readonly errno: number;
  /** The function's name in section 2 or 3 of the manual: `mount`. */
  readonly syscall: string;
  /** The call and its arguments in words: `mount proc on /proc (MS_NOSUID)`. */
  readonly call: string;
  /** The errno's text: `operation not permitted`. */
  readonly reason: string;
  /** Set when the kernel lacks the call, or when a seccomp filter around davit refuses it. */
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

  /** The same failure, with another text for the call. */
  describedAs(call: string): SyscallError {
    return new SyscallError({ ...this, call });
  }
}

/** True when `error` is a failed system call of davit's or of node:fs, with one of the errnos. */
export function hasErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** True when the kernel lacks the system call, or a seccomp filter around davit refuses it. */
export const isRefused = (error: unknown): boolean =>
  error instanceof SyscallError && error.hint !== undefined;

/**
 * Calls `use`. If its system call is missing or refused, `otherwise` does the same by older ones.
 */
export function unlessRefused<T>(use: () => T, otherwise: () => T): T {
  try {
    return use();
  } catch (error) {
    if (!isRefused(error)) throw error;
  }
  return otherwise();
}
