import type { Blame } from '../analysis/blame.ts';
import { BETWEEN_STAGES, INSIDE } from '../analysis/command-times.ts';
import type { Canvas } from '../text/canvas.ts';
import { formatDuration, formatShare } from '../text/duration.ts';
import { type Cell, drawTable } from '../text/table.ts';

const COLUMNS = [
  { title: 'SHARE', right: true },
  { title: 'MEDIAN', right: true },
  { title: 'P95', right: true },
  { title: 'MAX', right: true },
  { title: 'RUNS', right: true },
  { title: 'COMMAND' },
  { title: 'STAGE' },
];

/** A line for each stage of each command, longest total first. */
export function drawBlame(
  { containers, lives, runs, total, stages }: Blame,
  canvas: Canvas,
): string {
  const { glyphs, paint } = canvas;
  const heading = [
    counted(containers, 'container'),
    ...(lives > containers ? [counted(lives, 'life', 'lives')] : []),
    counted(runs, 'command'),
    formatDuration(total).replace('µ', glyphs.micro),
  ].join(glyphs.separator);
  const rows = stages.map((stage): Cell[] => {
    const { side, share, median, p95, max, failed } = stage;
    const failures = failed > 0 ? `  ${glyphs.failed} ${failed}` : '';
    return [
      { text: formatShare(share) },
      ...[median, p95, max].map((nanos) => ({ text: formatDuration(nanos) })),
      { text: String(stage.runs) },
      { text: stage.command, tones: ['quiet'] },
      {
        text: stage.stage.replaceAll(INSIDE, glyphs.inside) + failures,
        tones: [failed > 0 ? 'failed' : stage.stage === BETWEEN_STAGES ? 'quiet' : side],
      },
    ];
  });
  return [paint(heading, 'title'), '', ...drawTable(COLUMNS, rows, canvas)].join('\n');
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
