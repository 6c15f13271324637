import { readFileSync } from 'node:fs';
import { atPath } from '../errors/node-error.ts';
import { failedWith } from '../errors/syscall-error.ts';

/** What /proc/PID/stat tells of a process. */
export interface ProcessStat {
  /** As PR_SET_NAME(2const) or execve(2) gave it, at most 15 bytes: field 2. */
  name: string;
  /** `R`, `S`, `Z` …: proc_pid_stat(5), field 3. */
  state: string;
  /** Clock ticks since boot: field 22. */
  startTime: number;
}

/** Looks at a process; `undefined` when there is none with this pid. Throws where that cannot be known. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  const path = `/proc/${pid}/stat`;
  let stat: string;
  try {
    stat = atPath(path, () => readFileSync(path, 'latin1'));
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
  // The command's name, in parentheses, may hold spaces and parentheses of its own.
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  const name = stat.slice(stat.indexOf('(') + 1, end);
  return { name, state: fields[0]!, startTime: Number(fields[19]) };
}

/** True for a zombie, and one that is just being reaped. */
export const hasEnded = ({ state }: ProcessStat): boolean => state === 'Z' || state === 'X';
