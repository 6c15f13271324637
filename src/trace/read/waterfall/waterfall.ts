import { Axis } from '../axis.ts';
import { foreignService, type StoredCommand, type StoredTrace } from '../read-traces.ts';
import { type Canvas, canvasOf, type TerminalFeatures } from '../text/canvas.ts';
import { formatDuration } from '../text/duration.ts';
import { fit } from '../text/fit.ts';
import { printable } from '../text/paint.ts';
import { formatTime } from '../text/time.ts';
import { columnsOf } from './columns.ts';
import { drawCommand } from './command.ts';
import { foldRepeated } from './fold-repeated.ts';

/**
 * A container's life as text. Each span is a line with its place on the command's time axis, its
 * duration and its share. One line stands for the time between two commands.
 */
export function renderWaterfall(trace: StoredTrace, features: TerminalFeatures): string {
  const canvas = canvasOf(features);
  const sheet = { ...canvas, columns: columnsOf(trace, canvas.width, canvas.glyphs) };
  const lines = [drawTitle(trace, canvas), drawTotals(trace, canvas), ''];
  const { commands } = trace;
  for (const { command, folded } of foldRepeated(commands)) {
    const index = commands.indexOf(command);
    if (index > 0) lines.push('', drawGap(commands.slice(0, index), command, canvas), '');
    lines.push(...drawCommand(command, sheet));
    if (folded.length > 0) lines.push('', drawFolded(folded, canvas));
  }
  if (trace.orphanCommands.length > 0)
    lines.push('', ...trace.orphanCommands.map((one) => drawOrphanCommand(one, canvas)));
  return lines.join('\n').replaceAll('µ', canvas.glyphs.micro);
}

function drawTitle({ containerId, traceId, commands }: StoredTrace, canvas: Canvas): string {
  const { glyphs, paint } = canvas;
  const id = paint(`container ${printable(containerId)}`, 'title');
  const rest = ['', `trace ${traceId}`, formatTime(commands[0]!.root.start)];
  return id + paint(rest.join(glyphs.separator), 'quiet');
}

/** `create 34.9 ms · start 19.8 ms · exec (3) 99.2 ms`: what each command took, waits left out. */
function drawTotals({ commands }: StoredTrace, { width, glyphs, paint }: Canvas): string {
  const parts = [...Map.groupBy(commands, ({ root }) => root.name)].map(([name, runs]) => {
    const total = runs.reduce((sum, run) => sum + new Axis(run).total, 0);
    const times = runs.length > 1 ? ` (${runs.length})` : '';
    return `${printable(name).replace(/^davit /, '')}${times} ${formatDuration(total)}`;
  });
  const text = parts.join(glyphs.separator);
  return paint(fit(text, width, glyphs).trimEnd(), 'quiet');
}

/** `… 2.30 s until davit start`. */
function drawGap(before: StoredCommand[], command: StoredCommand, canvas: Canvas): string {
  const { glyphs, paint } = canvas;
  const latest = before.reduce((a, b) => (b.root.end > a.root.end ? b : a)).root;
  const gap = Number(command.root.start - latest.end);
  const service = foreignService(command);
  const of = service === undefined ? '' : ` (${printable(service)})`;
  const name = printable(command.root.name) + of;
  const text =
    gap >= 0
      ? `${formatDuration(gap)} until ${name}`
      : `${formatDuration(Number(command.root.start - latest.start))} into ${printable(latest.name)}: ${name}`;
  return paint(`${glyphs.ellipsis} ${text}`, 'quiet');
}

function drawFolded(folded: readonly StoredCommand[], { glyphs, paint }: Canvas): string {
  const { name } = folded[0]!.root;
  const times = folded.map((command) => new Axis(command).total);
  const longest = formatDuration(Math.max(...times));
  const text = `${glyphs.ellipsis} ${folded.length} more ${printable(name)}, ${longest} at most`;
  return paint(text, 'quiet');
}

function drawOrphanCommand({ root }: StoredCommand, { glyphs, paint }: Canvas): string {
  const text = `${printable(root.name)}: ${printable(root.error ?? '')}`;
  return paint(`${glyphs.ellipsis} later `, 'quiet') + paint(`${glyphs.failed} ${text}`, 'failed');
}
