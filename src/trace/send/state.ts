import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { atPath } from '../../errors/node-error.ts';
import { makeDirectories } from '../../syscalls/files/make-directories.ts';
import type { Totals } from './metrics/totals.ts';
import type { Progress } from './read-batch.ts';
import type { Signal } from './signals.ts';

/** What an exporter leaves for the next: `.export/SIGNAL.json` in the store. */
export interface ExportState {
  progress: Progress;
  /** Spans, metric exports or log records that the backend took. */
  sent: number;
  /** Those that it refused for good, whole requests or parts of one. */
  refused: number;
  /** Why the last request was refused, or not delivered. */
  failure?: Failure | undefined;
  /** The SDK's warnings of the variables that the last exporter had. */
  warnings?: string[];
  /** Of metrics: what was counted so far. */
  totals?: Totals | undefined;
}

export interface Failure {
  /** RFC 3339. */
  time: string;
  reason: string;
  /** Set where the backend turned davit away: by which settings, as a hash. */
  settings?: string | undefined;
}

/** The directory of all that exporters keep in a store. */
export const exportDirectory = (directory: string): string => `${directory}/.export`;

/** A missing or damaged file begins anew: what it told of may be sent twice, and is not lost. */
export function readState(directory: string, signal: Signal): ExportState {
  const empty: ExportState = { progress: {}, sent: 0, refused: 0 };
  try {
    const state: unknown = JSON.parse(readFileSync(pathOf(directory, signal), 'utf8'));
    return isState(state) ? state : empty;
  } catch {
    return empty;
  }
}

/** Replaces the state, so that a crash or a power failure leaves the old one or the new one. */
export function writeState(directory: string, signal: Signal, state: ExportState): void {
  makeDirectories(exportDirectory(directory), 0o700);
  const path = pathOf(directory, signal);
  // A new file, where $DAVIT_TRACE_DIR is a directory in which others may have put a symlink.
  rmSync(`${path}.new`, { force: true });
  const fd = openSync(`${path}.new`, 'wx', 0o600);
  try {
    atPath(`${path}.new`, () => {
      writeFileSync(fd, JSON.stringify(state));
      fsyncSync(fd);
    });
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
}

/** Tells the next `davit export --status` what keeps a signal from being sent. */
export function noteFailure(directory: string, signal: Signal, { message: reason }: Error): void {
  const failure = { time: new Date().toISOString(), reason };
  writeState(directory, signal, { ...readState(directory, signal), failure });
}

const pathOf = (directory: string, signal: Signal): string =>
  `${exportDirectory(directory)}/${signal}.json`;

function isState(value: unknown): value is ExportState {
  if (typeof value !== 'object' || value === null) return false;
  const { progress, sent, refused } = value as Partial<ExportState>;
  const isProgress = typeof progress === 'object' && progress !== null;
  return isProgress && Number.isSafeInteger(sent) && Number.isSafeInteger(refused);
}
