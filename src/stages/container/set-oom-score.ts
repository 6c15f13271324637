import type { Process } from '../../config/types.ts';
import { atField } from '../../errors/stage-error.ts';
import { writeProcFile } from '../../process/procfs.ts';

/**
 * Writes process.oomScoreAdj of process `pid`. Lowering it takes CAP_SYS_RESOURCE over the host, so
 * for a container with a user namespace the runtime does it.
 */
export function setOomScore(
  { oomScoreAdj }: Process,
  procfs: number,
  pid: number | 'self' = 'self',
): void {
  if (oomScoreAdj === undefined) return;
  atField('process.oomScoreAdj', () =>
    writeProcFile(procfs, `${pid}/oom_score_adj`, String(oomScoreAdj)),
  );
}
