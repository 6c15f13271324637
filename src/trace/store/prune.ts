import { readdirSync, rmSync, statSync } from 'node:fs';

/** The number of containers whose traces are kept. */
const KEPT_CONTAINERS = 1000;

/**
 * Removes the traces of the least recently active containers when there are more than `keep`.
 * Normally costs one listing of the directory. Removes a tenth more than needed, so that it
 * inspects the files only now and then. Never throws.
 */
export function pruneTraces(directory: string, keep = KEPT_CONTAINERS): void {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.jsonl'));
    if (names.length <= keep) return;
    const oldest = names
      .map((name) => ({ path: `${directory}/${name}`, time: modified(`${directory}/${name}`) }))
      .sort((a, b) => a.time - b.time)
      .slice(0, names.length - Math.ceil(keep * 0.9));
    for (const { path } of oldest) {
      rmSync(path, { force: true });
      rmSync(`${path}.1`, { force: true });
    }
  } catch {
    // The store is a convenience: no command depends on it.
  }
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
