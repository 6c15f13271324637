import type { Spec } from '../../config/types.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';

/** A container can be created without a process, but not started: config.md, "Process". */
export function requireProcess({ process }: Spec): void {
  if (!process) throw new RuntimeError('process property must not be empty');
}
