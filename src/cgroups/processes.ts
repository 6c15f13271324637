import { failedWith } from '../errors/syscall-error.ts';
import { subdirectories } from './directories.ts';
import { readFile } from './files.ts';

/** Pids of the processes in a cgroup. Throws when there is no such cgroup. */
export function readPids(dir: string): number[] {
  let text: string;
  try {
    text = readFile(dir, 'cgroup.procs');
  } catch (error) {
    // A threaded cgroup has no processes to list, only threads: cgroups(7).
    if (!failedWith(error, 'EOPNOTSUPP', 'ENOTSUP')) throw error;
    text = readFile(dir, 'cgroup.threads');
  }
  // Processes that our pid namespace does not see are listed as 0, which kill(2) takes for ourselves.
  return text
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0);
}

/** Pids of the processes in a cgroup and below it; none when there is no such cgroup. */
export function readAllPids(dir: string): number[] {
  const pids: number[] = [];
  const below = subdirectories(dir);
  if (below === undefined) return pids;
  try {
    pids.push(...readPids(dir));
  } catch (error) {
    if (!failedWith(error, 'ENOENT', 'ENODEV')) throw error;
  }
  for (const name of below) pids.push(...readAllPids(`${dir}/${name}`));
  return pids;
}
