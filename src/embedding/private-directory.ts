import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readProcessStat } from '../state/process-stat.ts';

const PREFIX = 'davit-program-';
/** A random text, and the longest name of a file. */
const REST = 40;
/** sun_path with its NUL (unix(7)): the directory holds sockets. */
const LONGEST_PATH = 108;
/** Milliseconds after which the directory of a process that is not there is taken for a leftover. */
const OLD = 60_000;

/**
 * Makes, in `temporary`, a directory that only this program's user may open. Removes those of programs that have been
 * killed.
 */
export function makePrivateDirectory(temporary: string): string {
  const fits = temporary.length + PREFIX.length + REST < LONGEST_PATH;
  const parent = fits ? temporary : '/tmp';
  removeLeftovers(parent);
  return mkdtempSync(join(parent, `${PREFIX}${process.pid}-`));
}

function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(parent, name);
    const pid = Number.parseInt(name.slice(PREFIX.length), 10);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.uid !== process.geteuid!() || Date.now() - found.mtimeMs < OLD) continue;
    if (readProcessStat(pid) === undefined) rmSync(path, { recursive: true, force: true });
  }
}
