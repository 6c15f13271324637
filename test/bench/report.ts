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
  server: ServerMemory;
  /** davit's shim of containerd. */
  shim: Memory;
}

/** What is measured of a command. */
export type Measure = 'wall' | 'cpu';

/** One command's times by the name of the runtime, in milliseconds. */
export interface Row {
  name: string;
  times: Record<string, Partial<Record<Measure, Summary>>>;
}

export interface Memory {
  /** Bytes. */
  total: number;
  /** Bytes, of each of `containers` that run at the same time. */
  forEach: number;
  containers: number;
}

export interface ServerMemory extends Memory {
  /** Commands that the server has run by then. */
  commands: number;
}

export const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? process.arch}, Linux ${release()}`;

export const versions = (runtimes: readonly Runtime[]): string[] =>
  runtimes.map(({ version }) => version);

/** A runtime's median as a part of another's. Undefined unless both were measured. */
export function ratio(
  { times }: Row,
  measure: Measure,
  [one, other]: readonly [string, string],
): number | undefined {
  const [a, b] = [times[one]?.[measure], times[other]?.[measure]];
  return a && b && a.median / b.median;
}

const RUNTIMES = ['served', 'davit', 'runc', 'crun'];
const RATIOS = [
  ['served', 'runc'],
  ['served', 'crun'],
  ['davit', 'crun'],
] as const;

/** Two tables of markdown: medians, 95th percentiles, and ratios of medians. */
export function markdown(report: Report): string {
  const { machine: where, versions: which, runs, tracing, server, shim } = report;
  return [
    'Wall time:',
    '',
    ...table(report.rows, 'wall'),
    '',
    'CPU time of everything, the server and the container included:',
    '',
    ...table(report.rows, 'cpu'),
    '',
    `Milliseconds, median (95th percentile) of ${runs} runs, interleaved. ${where}. ${which.join(', ')}.`,
    `The store of traces takes ${tracing.toFixed(1)} % of a run.`,
    `After ${server.commands} commands, the server has ${memory(server)}.`,
    `davit's shim has ${memory(shim)}.`,
  ].join('\n');
}

function table(rows: readonly Row[], measure: Measure): string[] {
  const head = ['', 'server', 'cold', 'runc', 'crun'];
  const ratios = RATIOS.map(([one, other]) => `${one === 'davit' ? 'cold' : 'server'} ÷ ${other}`);
  const measured = rows.filter(({ times }) => Object.values(times).some((of) => of[measure]));
  return [
    line([...head, ...ratios]),
    line(['---', ...[...RUNTIMES, ...RATIOS].map(() => '---:')]),
    ...measured.map((row) =>
      line([
        row.name,
        ...RUNTIMES.map((runtime) => cell(row.times[runtime]?.[measure])),
        ...RATIOS.map((pair) => ratio(row, measure, pair)?.toFixed(2) ?? ''),
      ]),
    ),
  ];
}

const memory = ({ total, forEach, containers }: Memory): string =>
  `${(total / 1e6).toFixed(0)} MB, and ${(forEach / 1024).toFixed(0)} KiB more for each of ${containers} containers`;

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const cell = (summary: Summary | undefined): string =>
  summary ? `${summary.median.toFixed(1)} (${summary.p95.toFixed(1)})` : '';
