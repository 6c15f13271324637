import { readFileSync } from 'node:fs';
import { atPath } from '../errors/node-error.ts';
import { hasErrno } from '../errors/syscall-error.ts';

/** Fields of /proc/PID/stat, proc_pid_stat(5). */
interface ProcessStat {
  /** The name that PR_SET_NAME(2const) or execve(2) set, at most 15 bytes: field 2. */
  name: string;
  /** `R`, `S`, `Z` …: field 3. */
  state: string;
  /** Clock ticks since boot: field 22. */
  startTime: number;
}

/** Reads /proc/PID/stat; `undefined` when there is no such process. Other errors are thrown. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  const path = `/proc/${pid}/stat`;
  let stat: string;
  try {
    stat = atPath(path, () => readFileSync(path, 'utf8'));
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
  // The command's name, in parentheses, may hold spaces and parentheses of its own.
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  const name = stat.slice(stat.indexOf('(') + 1, end);
  return { name, state: fields[0]!, startTime: Number(fields[19]) };
}

/** True for a zombie, and for a process that is just being reaped. */
export const hasEnded = ({ state }: ProcessStat): boolean => state === 'Z' || state === 'X';

/** True while the process exists that began at `startTime`, and is no zombie: its pid may be another's. */
export function isRunning(pid: number, startTime: number): boolean {
  const stat = readProcessStat(pid);
  return stat?.startTime === startTime && !hasEnded(stat);
}
