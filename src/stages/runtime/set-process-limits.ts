import { writeFileSync } from 'node:fs';
import { atField } from '../../errors/stage-error.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { setRlimits } from '../../process/rlimits.ts';

/**
 * Sets init's rlimits and OOM score adjustment. The runtime does: in a user namespace init may no
 * longer raise the one or lower the other.
 */
export function setProcessLimits({ init, spec }: RuntimeContext): void {
  const { rlimits = [], oomScoreAdj } = spec.process!;
  setRlimits(init!.pid, rlimits);
  if (oomScoreAdj !== undefined) {
    atField('process.oomScoreAdj', () =>
      writeFileSync(`/proc/${init!.pid}/oom_score_adj`, String(oomScoreAdj)),
    );
  }
}
