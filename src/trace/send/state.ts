import { readFileSync } from 'node:fs';
import { isObject } from '../../config/is-object.ts';
import { writeAtomically } from '../../state/write-atomically.ts';
import { makeDirectories } from '../../syscalls/files/make-directories.ts';
import type { Totals } from './metrics/totals.ts';
import type { Progress } from './read-batch.ts';
import type { Signal } from './signals.ts';

/** What an exporter saves for the next one: `.export/SIGNAL.json` in the store. */
export interface ExportState {
  progress: Progress;
  /** How many spans, data points or log records the backend accepted. */
  sent: number;
  /** How many it refused for good. */
  refused: number;
  /** Why the last request was refused, or not delivered. */
  failure?: Failure | undefined;
  /** The SDK's warnings about the last exporter's variables. */
  warnings?: string[];
  /** Only for metrics: the totals so far. */
  totals?: Totals | undefined;
}

export interface Failure {
  /** RFC 3339. */
  time: string;
  reason: string;
  /** Set when the backend turned davit away: the hash of the settings. */
  settings?: string | undefined;
}

/** The directory in a store in which exporters keep their files. */
export const exportDirectory = (directory: string): string => `${directory}/.export`;

/** A missing or damaged file counts as empty: spans may be sent twice and are not lost. */
export function readState(directory: string, signal: Signal): ExportState {
  const empty: ExportState = { progress: {}, sent: 0, refused: 0 };
  try {
    const state: unknown = JSON.parse(readFileSync(pathOf(directory, signal), 'utf8'));
    return isState(state) ? state : empty;
  } catch {
    return empty;
  }
}

/** Replaces the state. A crash or a power failure leaves the old one or the new one. */
export function writeState(directory: string, signal: Signal, state: ExportState): void {
  makeDirectories(exportDirectory(directory), 0o700);
  const path = pathOf(directory, signal);
  writeAtomically(path, JSON.stringify(state), {
    temporary: `${path}.new`,
    mode: 0o600,
    flush: true,
  });
}

/** Tells the next `davit export --status` what keeps a signal from being sent. */
export function noteFailure(directory: string, signal: Signal, { message: reason }: Error): void {
  const failure = { time: new Date().toISOString(), reason };
  writeState(directory, signal, { ...readState(directory, signal), failure });
}

const pathOf = (directory: string, signal: Signal): string =>
  `${exportDirectory(directory)}/${signal}.json`;

const isState = (value: unknown): value is ExportState =>
  isObject(value) &&
  isObject(value.progress) &&
  Number.isSafeInteger(value.sent) &&
  Number.isSafeInteger(value.refused);
