import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { readProcessStat } from '../../state/process-stat.ts';
import { writeAtomically } from '../../state/write-atomically.ts';
import { makeDirectories } from '../../syscalls/files/make-directories.ts';

/** The containers for which containerd gets one shim, and the file that names this shim to `start`. */
export interface Group {
  /** `namespace`, `pod` or `container`. */
  kind: string;
  /** Absolute path. */
  file: string;
}

/** Tells `start` that this process is the shim of the group. */
export function announce({ file }: Group, address: string): void {
  makeDirectories(dirname(file), 0o700);
  const temporary = `${file}.${process.pid}`;
  writeAtomically(file, lineOf(address), { temporary, mode: 0o600 });
}

/** Takes that back, so that `start` makes another shim. Does nothing if it has done so already. */
export function withdraw({ file }: Group, address: string): void {
  try {
    if (readFileSync(file, 'utf8') === lineOf(address)) rmSync(file);
  } catch {
    // It is gone.
  }
}

/** The start time tells this process from a later one with its pid. */
const lineOf = (address: string): string =>
  `${process.pid} ${readProcessStat(process.pid)!.startTime} ${address}\n`;
