import { reportFailure } from './stage-error.ts';

/** `error` with `prefix` before its message, and with the same code, system call and hint. */
export function prefixed(prefix: string, error: unknown): Error {
  const { message, code, syscall, hint } = reportFailure(error);
  const result = new Error(`${prefix}: ${message}`, { cause: error });
  return Object.assign(result, { code, syscall, hint });
}
