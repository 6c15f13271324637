import type { Session } from './session.ts';

/** Runs one step of an operation that has no stages, as a span of its trace. */
export function recordStep<T>({ spans }: Session, name: string, step: () => T): T {
  const start = process.hrtime.bigint();
  let error: unknown;
  try {
    return step();
  } catch (thrown) {
    error = thrown;
    throw thrown;
  } finally {
    const end = process.hrtime.bigint();
    spans.record(name, { start, end, ...(error ? { error } : {}) });
  }
}
