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

  constructor(failure: {
    code: string;
    errno: number;
    syscall: string;
    call: string;
    reason: string;
  }) {
    super(`${failure.call}: ${failure.code}: ${failure.reason}`);
    this.code = failure.code;
    this.errno = failure.errno;
    this.syscall = failure.syscall;
    this.call = failure.call;
    this.reason = failure.reason;
  }
}

/** True when `error` is a failed system call with one of the errnos, of ours or of node:fs. */
export function failedWith(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
