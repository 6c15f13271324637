import type { Canvas } from '../text/canvas.ts';
import { formatDuration } from '../text/duration.ts';
import type { Columns } from './columns.ts';

/** A canvas divided into columns. */
export interface WaterfallCanvas extends Canvas {
  columns: Columns;
}

/** A duration at the right of its column. */
export function durationCell(nanos: number, { columns }: WaterfallCanvas): string {
  return formatDuration(nanos).padStart(columns.duration);
}

/**
 * Joins the cells of a line. Undefined cells are left out. The last cell, the mark, follows after
 * one space.
 */
export function joinLine(cells: readonly (string | undefined)[]): string {
  const [last, ...before] = cells.filter((cell) => cell !== undefined).reverse();
  return `${before.reverse().join('  ')} ${last}`.trimEnd();
}
