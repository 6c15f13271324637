import { cpus, release } from 'node:os';
import type { Runtime } from './runtimes.ts';
import type { Summary } from './statistics.ts';

export interface Report {
  machine: string;
  versions: string[];
  /** Runs of each command. */
  runs: number;
  rows: Row[];
  /** What storing traces adds to a run, in percent. */
  tracing: number;
}

/** One command's times by the name of the runtime, in milliseconds. */
export interface Row {
  name: string;
  times: Record<string, Summary>;
}

export const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? process.arch}, Linux ${release()}`;

export const versions = (runtimes: readonly Runtime[]): string[] =>
  runtimes.map(({ version }) => version);

/**
 * A markdown table: medians, 95th percentiles, and davit's median divided by the other runtimes'
 * medians.
 */
export function markdown(report: Report): string {
  const { machine: where, versions: which, runs, rows, tracing } = report;
  const head = ['', 'davit', 'runc', 'crun', '÷ runc', '÷ crun'];
  const lines = rows.map(({ name, times }) => [
    name,
    ...['davit', 'runc', 'crun'].map((runtime) => cell(times[runtime])),
    ratio(times.davit, times.runc),
    ratio(times.davit, times.crun),
  ]);
  return [
    line(head),
    line(['---', '---:', '---:', '---:', '---:', '---:']),
    ...lines.map(line),
    '',
    `Milliseconds, median (95th percentile) of ${runs} runs, interleaved. ${where}. ${which.join(', ')}.`,
    `The store of traces takes ${tracing.toFixed(1)} % of a run.`,
  ].join('\n');
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const cell = (summary: Summary | undefined): string =>
  summary ? `${summary.median.toFixed(1)} (${summary.p95.toFixed(1)})` : '';

const ratio = (a: Summary | undefined, b: Summary | undefined): string =>
  a && b ? (a.median / b.median).toFixed(2) : '';
