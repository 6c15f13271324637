import { readFileSync } from 'node:fs';
import { hasEnded, readProcessStat } from '../../state/process-stat.ts';

/** A trampoline's argv, before the container's id: ps shows it for a `created` container. */
export const TRAMPOLINE_NAME = ['davit', 'init'] as const;

/** A trampoline's name, by PR_SET_NAME(2const): kept until the next exec, also by a zombie. */
export const TRAMPOLINE_COMM = 'davit:init';

/** True while process `pid` is a trampoline. Only its argv may be read by other processes. */
export function isTrampoline(pid: number): boolean {
  try {
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return argv.startsWith(`${TRAMPOLINE_NAME.join('\0')}\0`);
  } catch {
    return false;
  }
}

/** How long execve(2) may take between closing the connection and renaming the process. */
const NAMING_MS = 100;

/**
 * Whether process `pid`, which has closed its connection, did so because it ended, and not because
 * it executed its program. False for a process that is gone: why is then unknown.
 */
export function endedAsTrampoline(pid: number): boolean {
  for (const deadline = Date.now() + NAMING_MS; Date.now() < deadline; ) {
    const stat = readProcessStat(pid);
    if (stat?.name !== TRAMPOLINE_COMM) return false;
    if (hasEnded(stat)) return true;
  }
  return false;
}
