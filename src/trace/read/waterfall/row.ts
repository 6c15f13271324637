import { STAGE_SIDE } from '../../record/attributes.ts';
import type { Span } from '../../store/span.ts';
import { sideOf } from '../analysis/command-times.ts';
import { type Axis, isWait } from '../axis.ts';
import { isForeign, labelOf } from '../span-tree.ts';
import { formatShare } from '../text/duration.ts';
import { fit } from '../text/fit.ts';
import { printable, type Tone } from '../text/paint.ts';
import { drawBar } from './bar.ts';
import type { Row } from './tree.ts';
import { durationCell, joinLine, type WaterfallCanvas } from './waterfall-canvas.ts';

/**
 * The line of one span: name, side, place on the axis, duration, share, and a mark for a failure or
 * for the longest stage.
 */
export function drawRow(row: Row, axis: Axis, critical: boolean, canvas: WaterfallCanvas): string {
  const { span } = row;
  if (isWait(span)) return drawWait(row, canvas);
  const { columns, glyphs, paint } = canvas;
  const failed = span.error !== undefined;
  const emphasis: Tone[] = [
    ...(critical ? (['critical'] as const) : []),
    ...(failed ? (['failed'] as const) : []),
  ];
  const tone = failed ? 'failed' : isForeign(span) ? 'foreign' : sideOfSpan(span);
  const place = (time: bigint): number => axis.at(time) / axis.total;
  const bar = drawBar(place(span.start), place(span.end), columns.bar, glyphs);
  const length = axis.length(span);
  const note = failed ? paint(glyphs.failed, 'failed') : paint(glyphs.critical, 'critical');
  return joinLine([
    nameCell(row, emphasis, canvas),
    sideCell(span, canvas),
    paint(bar, tone),
    paint(durationCell(length, canvas), ...emphasis),
    columns.share > 0 ? formatShare(length / axis.total).padStart(columns.share) : undefined,
    failed || critical ? note : '',
  ]);
}

/** A wait has no place on the axis. */
function drawWait(row: Row, canvas: WaterfallCanvas): string {
  const { columns, glyphs, paint } = canvas;
  const { span } = row;
  return joinLine([
    nameCell(row, [], canvas),
    sideCell(span, canvas),
    paint(fit(`${glyphs.ellipsis} not counted`, columns.bar, glyphs), 'quiet'),
    paint(durationCell(Number(span.end - span.start), canvas), 'quiet'),
    '',
  ]);
}

function nameCell({ span, branch }: Row, tones: readonly Tone[], canvas: WaterfallCanvas): string {
  const { columns, glyphs, paint } = canvas;
  const width = Math.max(columns.name - branch.length, 1);
  return paint(branch, 'quiet') + paint(fit(printable(labelOf(span)), width, glyphs), ...tones);
}

function sideCell(span: Span, { columns, paint }: WaterfallCanvas): string | undefined {
  if (columns.side === 0) return undefined;
  const side = sideOfSpan(span);
  return paint(side.slice(0, columns.side).padEnd(columns.side), side);
}

const sideOfSpan = ({ attributes }: Span) => sideOf(attributes[STAGE_SIDE]);
