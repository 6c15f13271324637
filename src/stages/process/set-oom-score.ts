import { readFileSync, writeFileSync } from 'node:fs';
import type { ForkedContext } from '../../context/context.ts';
import type { Launch } from '../../context/launch.ts';
import { atPath } from '../../errors/node-error.ts';
import { atField } from '../../errors/stage-error.ts';

export const hasOomScore = ({ spec }: Pick<Launch, 'spec'>): boolean =>
  spec.process?.oomScoreAdj !== undefined;

/**
 * Writes process.oomScoreAdj of init. The runtime writes it, as lowering it needs CAP_SYS_RESOURCE
 * on the host; before protectInit, after which the host's root owns init's files in /proc.
 */
export function setOomScore({ init, spec }: ForkedContext): void {
  write(spec, `/proc/${init.pid}/oom_score_adj`);
}

/** Writes the calling process's own score, where an ordinary user's runtime cannot do so later. */
export function setOwnOomScore(launch: Launch): void {
  if (launch.unprivileged && hasOomScore(launch)) write(launch.spec, '/proc/self/oom_score_adj');
}

function write({ process: program }: Launch['spec'], file: string): void {
  const score = String(program!.oomScoreAdj);
  atField('process.oomScoreAdj', () => {
    if (readFileSync(file, 'latin1').trim() !== score) {
      atPath(file, () => writeFileSync(file, score));
    }
  });
}
