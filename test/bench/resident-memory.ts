import { readFileSync } from 'node:fs';

/** Bytes of a process that are in memory. */
export function residentMemory(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  return Number(/^Rss:\s*(\d+) kB$/m.exec(rollup)![1]) * 1024;
}
