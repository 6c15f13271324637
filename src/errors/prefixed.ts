import { reportFailure } from './stage-error.ts';

/** `error` with what it happened to before its message; what it is classified by stays. */
export function prefixed(prefix: string, error: unknown): Error {
  const { message, code, syscall, hint } = reportFailure(error);
  const result = new Error(`${prefix}: ${message}`, { cause: error });
  return Object.assign(result, { code, syscall, hint });
}
