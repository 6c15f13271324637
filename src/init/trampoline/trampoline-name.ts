import { readFileSync } from 'node:fs';
import { hasEnded, readProcessStat } from '../../state/process-stat.ts';

/** A trampoline's argv, before the container's id: what ps shows of a container that waits for its start. */
export const TRAMPOLINE_NAME = ['davit', 'init'] as const;

/** Its name as PR_SET_NAME(2const) gives it, which a process keeps when it has ended, until it executes another program. */
export const TRAMPOLINE_COMM = 'davit:init';

/** True while process `pid` is a trampoline: argv is all that anybody may read of it. */
export function isTrampoline(pid: number): boolean {
  try {
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return argv.startsWith(`${TRAMPOLINE_NAME.join('\0')}\0`);
  } catch {
    return false;
  }
}

/** How long execve(2) may take from closing the connection to naming the process after the program. */
const NAMING_MS = 100;

/**
 * Whether process `pid`, which has closed its connection, did so because it ended, and not because
 * it executed its program. False for a process that is gone altogether: of that nothing is known.
 */
export function endedAsTrampoline(pid: number): boolean {
  for (const deadline = Date.now() + NAMING_MS; Date.now() < deadline; ) {
    const stat = readProcessStat(pid);
    if (stat?.name !== TRAMPOLINE_COMM) return false;
    if (hasEnded(stat)) return true;
  }
  return false;
}
