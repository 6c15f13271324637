import { readFileSync } from 'node:fs';

/** What /proc/PID/stat tells of a process. */
export interface ProcessStat {
  /** `R`, `S`, `Z` …: proc_pid_stat(5), field 3. */
  state: string;
  /** Clock ticks since boot: field 22. */
  startTime: number;
}

/** A process's state and start time, or `undefined` when there is none with this pid. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The command's name, in parentheses, may hold spaces and parentheses of its own.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0]!, startTime: Number(fields[19]) };
}

/** True while the process that had this pid at this start time is there and no zombie. */
export function isAlive(pid: number, startTime: number): boolean {
  const stat = pid > 0 ? readProcessStat(pid) : undefined;
  return stat !== undefined && stat.startTime === startTime && !'ZX'.includes(stat.state);
}
