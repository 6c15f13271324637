import { RuntimeError } from './runtime-error.ts';

/** A process of davit's was killed before it did anything. */
export const endedEarly = (): RuntimeError =>
  new RuntimeError(
    'the new process ended before its first stage',
    'a signal killed it, from another process of the container or from the OOM killer',
  );
