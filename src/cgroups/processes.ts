import { hasErrno } from '../errors/syscall-error.ts';
import { cgroupsBelow } from './cgroups-below.ts';
import { readFile } from './files.ts';
import { subdirectories } from './subdirectories.ts';
import { unlessGone } from './unless-gone.ts';

/** Pids of the processes in a cgroup. Throws when the cgroup does not exist. */
export function readPids(dir: string): number[] {
  let text: string;
  try {
    text = readFile(dir, 'cgroup.procs');
  } catch (error) {
    // A threaded cgroup has no processes to list, only threads: cgroups(7).
    if (!hasErrno(error, 'EOPNOTSUPP', 'ENOTSUP')) throw error;
    text = readFile(dir, 'cgroup.threads');
  }
  // Processes outside davit's pid namespace are listed as 0: its own process group to kill(2).
  return text
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0);
}

/** Pids of the processes in a cgroup and below it; none when the cgroup does not exist. */
export function readAllPids(dir: string): number[] {
  const below = subdirectories(dir);
  if (below === undefined) return [];
  const pids = readPidsIfThere(dir);
  if (below.length === 0) return pids;
  for (const cgroup of cgroupsBelow(dir)) pids.push(...readPidsIfThere(cgroup));
  return pids;
}

const readPidsIfThere = (dir: string): number[] => unlessGone(() => readPids(dir)) ?? [];
