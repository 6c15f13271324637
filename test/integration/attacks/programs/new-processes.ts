import { readdirSync, writeSync } from 'node:fs';

const AHEAD = 3;

/**
 * Prints `ready`. Then calls `look` without end for the pids that new processes of the pid
 * namespace get, and `afterRound` after each round.
 */
export function watchNewProcesses(look: (pid: number) => void, afterRound?: () => void): never {
  let newest = Math.max(...readdirSync('/proc').map(Number).filter(Number.isInteger));
  writeSync(1, 'ready\n');
  for (;;) {
    for (let pid = newest + 1; pid <= newest + AHEAD; pid++) {
      look(pid);
      if (pid > newest + 1 && exists(pid)) newest = pid - 1;
    }
    afterRound?.();
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
