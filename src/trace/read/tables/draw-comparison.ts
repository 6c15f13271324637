import { INSIDE } from '../analysis/command-times.ts';
import type { Change, CommandChange, StageChange } from '../analysis/compare.ts';
import type { Canvas } from '../text/canvas.ts';
import { formatDuration } from '../text/duration.ts';
import type { Tone } from '../text/paint.ts';
import { type Cell, drawTable } from '../text/table.ts';
import { counted } from './draw-blame.ts';

/** Stages that changed by less than this part of their command are summed up in one line. */
const LEAST_SHARE = 0.005;

export interface Comparison {
  /** The names of the two groups: `web1`, `since 2026-11-25 12:00`. */
  a: string;
  b: string;
  commands: readonly CommandChange[];
}

/** Each command's medians and 95th percentiles in both groups; its stages, largest change first. */
export function drawComparison({ a, b, commands }: Comparison, canvas: Canvas): string {
  const { glyphs, paint } = canvas;
  const columns = [
    { title: 'STAGE' },
    ...['A MEDIAN', 'P95', 'RUNS', 'B MEDIAN', 'P95', 'RUNS', 'CHANGE'].map((title) => ({
      title,
      right: true,
    })),
    { title: '' },
  ];
  const rows = commands.flatMap((command, index) => [
    ...(index > 0 ? [[{ text: '' }]] : []),
    rowOf(command.command, command, ['title'], canvas),
    ...stageRows(command, canvas),
  ]);
  const heading = [`A  ${a}`, `B  ${b}`].map((line) => paint(line, 'title'));
  const note = `${glyphs.grew} B's median is above A's 95th percentile; ${glyphs.shrank} the other way round`;
  const notes = [note, ...(commands.some(hasFewRuns) ? [FEW_RUNS] : [])];
  const table = drawTable(columns, rows, canvas);
  return [...heading, '', ...table, '', ...notes.map((text) => paint(text, 'quiet'))].join('\n');
}

const hasFewRuns = ({ a, b }: CommandChange): boolean =>
  a !== undefined && b !== undefined && Math.min(a.runs, b.runs) < 2;

const FEW_RUNS =
  "one run is too few to tell a change from chance: compare several, as 'old-*' with 'new-*'";

function stageRows({ a, b, stages }: CommandChange, canvas: Canvas): Cell[][] {
  const least = LEAST_SHARE * Math.max(a?.median ?? 0, b?.median ?? 0);
  const changed = stages.filter(({ change }) => Math.abs(change) >= least);
  const rest = stages.filter((stage) => !changed.includes(stage));
  const rows = changed.map((stage) =>
    rowOf(`  ${stage.stage.replaceAll(INSIDE, canvas.glyphs.inside)}`, stage, [], canvas),
  );
  if (rest.length === 0) return rows;
  const sum = rest.reduce((total, { change }: StageChange) => total + change, 0);
  const name = `  ${canvas.glyphs.ellipsis} ${counted(rest.length, 'stage')} less`;
  const summed = [name, '', '', '', '', '', '', signed(sum)];
  return [...rows, summed.map((text) => ({ text, tones: ['quiet'] }) as const)];
}

function rowOf(name: string, change: Change, tones: Tone[], { glyphs }: Canvas): Cell[] {
  const { a, b, grew, shrank } = change;
  const both = a !== undefined && b !== undefined;
  const mark = grew ? glyphs.grew : shrank ? glyphs.shrank : '';
  const percent = both && a.median > 0 ? ` ${signedPercent(change.change / a.median)}` : '';
  const group = (summary: Change['a']): Cell[] => [
    { text: summary ? formatDuration(summary.median) : '', tones },
    { text: summary ? formatDuration(summary.p95) : '', tones: ['quiet'] },
    { text: summary ? String(summary.runs) : '', tones: ['quiet'] },
  ];
  return [
    { text: name, tones },
    ...group(a),
    ...group(b),
    { text: signed(change.change), tones: grew ? ['failed'] : tones },
    { text: `${mark}${percent}`.trim(), tones: grew ? ['failed'] : ['quiet'] },
  ];
}

function signed(nanos: number): string {
  return (nanos < 0 ? '-' : '+') + formatDuration(Math.abs(nanos));
}

function signedPercent(share: number): string {
  return `${share < 0 ? '-' : '+'}${Math.abs(share * 100).toFixed(0)}%`;
}
