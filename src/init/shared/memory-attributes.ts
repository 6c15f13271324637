import { readFileSync, writeFileSync } from 'node:fs';
import { isDumpable, setDumpable } from '../../syscalls/task/prctl.ts';

const OOM_SCORE_ADJ = '/proc/self/oom_score_adj';

/**
 * Remembers the attributes that belong to the memory, not to the process: PR_SET_DUMPABLE(2const)
 * and oom_score_adj (proc(5)). When an init that shares the memory changes them, they change for
 * the runtime. The returned function restores both.
 */
export function keepMemoryAttributes(): () => void {
  const dumpable = isDumpable();
  const score = readFileSync(OOM_SCORE_ADJ, 'latin1');
  return () => {
    setDumpable(dumpable);
    if (readFileSync(OOM_SCORE_ADJ, 'latin1') === score) return;
    try {
      writeFileSync(OOM_SCORE_ADJ, score);
    } catch {
      // Lowering the score may need a privilege that raising it did not. The container is not
      // affected.
    }
  };
}
