import { readFileSync } from 'node:fs';

/** A field of proc_pid_status(5), which everybody may read. */
export function procStatus(pid: number | 'self', field: string): string[] {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(text)?.[1]?.split(/\s+/) ?? [];
}

/** The pid of a process in its own pid namespace. */
export const pidInside = (pid: number): number => Number(procStatus(pid, 'NSpid').at(-1));
