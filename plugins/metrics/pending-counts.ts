import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isSameLayout, type Options } from './options.ts';
import type { Totals } from './totals.ts';

const SUFFIX = '.pending';

/** Saves counts in a file of their own, for the next command to add. */
export function savePendingCounts(counted: Totals, { path, labels }: Options): void {
  const file = `${path}.${process.pid}-${process.hrtime.bigint()}`;
  writeFileSync(file, JSON.stringify({ labels, ...counted }), { mode: 0o600, flag: 'wx' });
  renameSync(file, `${file}${SUFFIX}`);
}

/**
 * Adds the counts that other commands have saved to `added`. Skips files that are already in
 * `totals`: a davit that was killed between writing and removing has left them. Returns a function
 * that removes the files once everything is written.
 */
export function addPendingCounts(added: Totals, totals: Totals, options: Options): () => void {
  const directory = dirname(options.path);
  const prefix = `${basename(options.path)}.`;
  const names = readdirSync(directory).filter(
    (name) => name.startsWith(prefix) && name.endsWith(SUFFIX),
  );
  for (const name of names) {
    if (totals.merged.includes(name)) continue;
    const others = JSON.parse(readFileSync(join(directory, name), 'utf8'));
    if (isSameLayout(others, options)) added.merge(others);
  }
  totals.merged.splice(0, Infinity, ...names);
  return () => {
    for (const name of names) rmSync(join(directory, name), { force: true });
  };
}
