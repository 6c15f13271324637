import type { StoredCommand, StoredTrace } from '../read-traces.ts';
import { columnsOf } from './columns.ts';
import { drawCommand } from './command.ts';
import { formatDuration } from './duration.ts';
import { type Glyphs, glyphs as glyphsOf } from './glyphs.ts';
import { painter, printable } from './paint.ts';

export interface WaterfallOptions {
  /** Cells a line may take; 50 at least. */
  width: number;
  color: boolean;
  /** Draw with characters beyond ASCII. */
  unicode: boolean;
}

/**
 * A container's life as text: for each command a line a span, with its place on the command's time
 * axis, duration and share. What passed between two commands is one line.
 */
export function renderWaterfall(trace: StoredTrace, options: WaterfallOptions): string {
  const glyphs = glyphsOf(options.unicode);
  const paint = painter(options.color);
  const columns = columnsOf(trace, options.width, glyphs);
  const canvas = { width: options.width, columns, glyphs, paint };
  const lines = [drawTitle(trace, glyphs, paint), ''];
  for (const [index, command] of trace.commands.entries()) {
    if (index > 0) {
      const between = describeGap(trace.commands.slice(0, index), command, glyphs);
      lines.push('', paint(between, 'quiet'), '');
    }
    lines.push(...drawCommand(command, canvas));
  }
  return lines.join('\n');
}

function drawTitle(trace: StoredTrace, glyphs: Glyphs, paint: ReturnType<typeof painter>): string {
  const start = trace.commands[0]!.root.start;
  const time = new Date(Number(start / 1_000_000n)).toISOString().replace('T', ' ');
  const id = paint(`container ${printable(trace.containerId)}`, 'title');
  return id + paint(`${glyphs.separator}trace ${trace.traceId}${glyphs.separator}${time}`, 'quiet');
}

/** `… 2.30 s until davit start`. */
function describeGap(before: StoredCommand[], command: StoredCommand, glyphs: Glyphs): string {
  const latest = before.reduce((a, b) => (b.root.end > a.root.end ? b : a)).root;
  const gap = Number(command.root.start - latest.end);
  const name = printable(command.root.name);
  const text =
    gap >= 0
      ? `${formatDuration(gap)} until ${name}`
      : `${formatDuration(Number(command.root.start - latest.start))} into ${printable(latest.name)}: ${name}`;
  return `${glyphs.ellipsis} ${text.replace('µ', glyphs.micro)}`;
}
