import { readFileSync, writeFileSync } from 'node:fs';
import { isDumpable, setDumpable } from '../../syscalls/task/prctl.ts';

const OOM_SCORE_ADJ = '/proc/self/oom_score_adj';

/**
 * Remembers what belongs to the memory rather than to a process, and so becomes the runtime's, too,
 * when init that shares it changes it: PR_SET_DUMPABLE(2const) and oom_score_adj (proc(5)). The
 * function that is returned puts both back.
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
      // Who may raise it may not always lower it again; the container is none the worse for that.
    }
  };
}
