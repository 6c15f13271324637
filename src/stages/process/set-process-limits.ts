import type { RuntimeContext } from '../../lifecycle/context.ts';
import { setRlimits } from '../../process/rlimits.ts';

/** Sets init's rlimits. The runtime does: in a user namespace init may no longer raise them. */
export const setProcessLimits = ({ init, spec }: RuntimeContext): void =>
  setRlimits(init!.pid, spec.process!.rlimits ?? []);
