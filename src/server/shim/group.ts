import { globSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isRunning, readProcessStat } from '../../state/process-stat.ts';
import { writeAtomically } from '../../state/write-atomically.ts';
import { makeDirectories } from '../../syscalls/files/make-directories.ts';

/** What shims have in common: a socket each, and below `groups` the groups' files. Root's alone. */
export const SHIMS = '/run/davit/shim';

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

/** Removes the files and sockets of shims that have been killed. */
export function removeDead(): void {
  for (const name of globSync('groups/*/*/*', { cwd: SHIMS })) {
    const file = join(SHIMS, name);
    const [pid, startTime, address] = readIfThere(file).trim().split(' ');
    if (address === undefined || isRunning(Number(pid), Number(startTime))) continue;
    rmSync(address.replace(/^unix:\/\//, ''), { force: true });
    rmSync(file, { force: true });
  }
}

/** Empty if the shim has just withdrawn it. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The start time tells this process from a later one with its pid. */
const lineOf = (address: string): string =>
  `${process.pid} ${readProcessStat(process.pid)!.startTime} ${address}\n`;
