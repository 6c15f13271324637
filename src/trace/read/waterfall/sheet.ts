import type { Canvas } from '../text/canvas.ts';
import { formatDuration } from '../text/duration.ts';
import type { Columns } from './columns.ts';

/** A canvas divided into columns. */
export interface Sheet extends Canvas {
  columns: Columns;
}

/** A duration at the right of its column. */
export function durationCell(nanos: number, { columns }: Sheet): string {
  return formatDuration(nanos).padStart(columns.duration);
}

/** The cells of a line; a column that is not there is left out, the mark at the end stands closer. */
export function joinLine(cells: readonly (string | undefined)[]): string {
  const [last, ...before] = cells.filter((cell) => cell !== undefined).reverse();
  return `${before.reverse().join('  ')} ${last}`.trimEnd();
}
