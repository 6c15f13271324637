import { UNFINISHED } from '../../record/attributes.ts';
import type { Span } from '../../store/span.ts';
import { Axis, isWait } from '../axis.ts';
import type { StoredCommand } from '../read-traces.ts';
import { formatDuration, formatShare } from '../text/duration.ts';
import { fit } from '../text/fit.ts';
import { printable } from '../text/paint.ts';
import { drawRuler } from './bar.ts';
import { drawFailure } from './failure.ts';
import { drawRow } from './row.ts';
import { treeRows } from './tree.ts';
import { durationCell, joinLine, type WaterfallCanvas } from './waterfall-canvas.ts';

/** The lines of one command: its ruler, a line for each span, and what the stages cover. */
export function drawCommand(command: StoredCommand, canvas: WaterfallCanvas): string[] {
  const { root } = command;
  const axis = new Axis(command);
  const rows = treeRows(command, canvas.glyphs);
  const stages = rows.filter(({ depth }) => depth === 1).map(({ span }) => span);
  const critical = longestStage(stages, axis);
  const lines = [drawRoot(root, axis, canvas)];
  for (const row of rows) {
    lines.push(drawRow(row, axis, row.span === critical, canvas));
    lines.push(...drawFailure(row.span, row.trunk, rows, canvas));
  }
  lines.push(...drawFailure(root, '', rows, canvas));
  if (stages.length > 0) lines.push(drawSummary(root, stages, critical, axis, canvas));
  return lines;
}

function longestStage(stages: readonly Span[], axis: Axis): Span | undefined {
  return stages
    .filter((span) => !isWait(span))
    .reduce<Span | undefined>(
      (longest, span) =>
        longest === undefined || axis.length(span) > axis.length(longest) ? span : longest,
      undefined,
    );
}

function drawRoot(root: Span, axis: Axis, canvas: WaterfallCanvas): string {
  const { columns, glyphs, paint } = canvas;
  const failed = root.error !== undefined;
  return joinLine([
    paint(
      fit(printable(root.name), columns.name, glyphs),
      ...(failed ? (['title', 'failed'] as const) : (['title'] as const)),
    ),
    columns.side > 0 ? ' '.repeat(columns.side) : undefined,
    paint(drawRuler(axis.total, columns.bar, glyphs), 'quiet'),
    paint(durationCell(axis.total, canvas), 'title'),
    columns.share > 0 ? ' '.repeat(columns.share) : undefined,
    failed ? paint(glyphs.failed, 'failed') : '',
  ]);
}

function drawSummary(
  root: Span,
  stages: readonly Span[],
  critical: Span | undefined,
  axis: Axis,
  { width, glyphs, paint }: WaterfallCanvas,
): string {
  const covered = formatShare(axis.coverage(stages, root));
  const parts = [`stages cover ${covered} of ${formatDuration(axis.total)}`];
  if (critical) parts.push(`critical ${glyphs.critical} ${printable(critical.name)}`);
  if (root.attributes[UNFINISHED]) parts.push('not finished yet');
  return paint(fit(glyphs.blank + parts.join(glyphs.separator), width, glyphs).trimEnd(), 'quiet');
}
