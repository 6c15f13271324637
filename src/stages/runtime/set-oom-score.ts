import { writeFileSync } from 'node:fs';
import { atPath } from '../../errors/node-error.ts';
import { atField } from '../../errors/stage-error.ts';
import type { Launch, RuntimeContext } from '../../lifecycle/context.ts';

export const hasOomScore = ({ spec }: Launch): boolean => spec.process?.oomScoreAdj !== undefined;

/**
 * Writes process.oomScoreAdj of init. The runtime does, as lowering it takes CAP_SYS_RESOURCE over
 * the host; and before protectInit, after which init's files in /proc are the host's root's.
 */
export function setOomScore({ init, spec }: Pick<RuntimeContext, 'init' | 'spec'>): void {
  const file = `/proc/${init!.pid}/oom_score_adj`;
  atField('process.oomScoreAdj', () =>
    atPath(file, () => writeFileSync(file, String(spec.process!.oomScoreAdj))),
  );
}
