import {
  appendFileSync,
  chmodSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { readExposition, writeExposition } from './exposition.ts';
import type { Options } from './options.ts';
import { encodeMetrics } from './otlp.ts';
import { addPendingCounts } from './pending-counts.ts';
import { Totals } from './totals.ts';

/** A larger OTLP file is renamed to `<file>.1`, replacing the one before. */
const ROTATE_BYTES = 4 * 1024 * 1024;

/**
 * Adds `counted`, and pending counts, to the file's totals. The caller holds the lock.
 */
export function store(counted: Totals, options: Options): void {
  const { path, otlp, buckets, labels } = options;
  const totals = readTotals(options) ?? new Totals(buckets, counted.since);
  const added = new Totals(buckets, counted.since);
  added.merge(counted);
  const removeAside = addPendingCounts(added, totals, options);
  totals.merge(added);
  replace(path, writeExposition(totals, options));
  removeAside();
  if (otlp === undefined) return;
  const line = JSON.stringify(encodeMetrics(totals, added, { labels, time: Date.now() }));
  if ((statSync(otlp, { throwIfNoEntry: false })?.size ?? 0) > ROTATE_BYTES) {
    renameSync(otlp, `${otlp}.1`);
  }
  appendFileSync(otlp, `${line}\n`, { mode: 0o600 });
}

function readTotals(options: Options): Totals | undefined {
  let text: string;
  try {
    text = readFileSync(options.path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return readExposition(text, options);
  } catch (error) {
    throw new Error(`${options.path}: ${(error as Error).message}`);
  }
}

/**
 * Replaces the file atomically: the collector may read at any time. The temporary name does not end
 * in .prom.
 */
function replace(path: string, text: string): void {
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, text, { flag: 'wx' });
    // Independent of the umask: node_exporter runs as another user.
    chmodSync(temporary, 0o644);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
