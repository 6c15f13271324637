import type { ForkedContext } from '../../context/context.ts';
import { setRlimits } from '../../process/rlimits.ts';

/** Raises init's hard limits where process.rlimits needs it: init in a user namespace may not. */
export const setProcessLimits = ({ init, spec }: ForkedContext): void =>
  setRlimits(init.pid, spec.process!.rlimits ?? []);
