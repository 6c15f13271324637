import { readFileSync } from 'node:fs';

/** A trampoline's argv, before the container's id: what ps shows of a container that waits for its start. */
export const TRAMPOLINE_NAME = ['davit', 'init'] as const;

/** True while process `pid` is a trampoline: argv is all that anybody may read of it. */
export function isTrampoline(pid: number): boolean {
  try {
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return argv.startsWith(`${TRAMPOLINE_NAME.join('\0')}\0`);
  } catch {
    return false;
  }
}
