import type { Canvas } from './canvas.ts';
import { printable, type Tone } from './paint.ts';

/** A piece of a line and its tones. */
export interface Cell {
  text: string;
  tones?: readonly Tone[] | undefined;
}

export interface Column {
  title: string;
  /** True to align to the right, for numbers. */
  right?: boolean;
}

const GAP = '  ';

/** A line of titles and a line for each row. Nothing is cut: a program may read the output. */
export function drawTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { glyphs, paint }: Canvas,
): string[] {
  const titles = columns.map(({ title }): Cell => ({ text: title, tones: ['quiet'] }));
  const lines = [titles, ...rows].map((row) =>
    row.map(({ text, tones = [] }) => ({
      text: printable(text).replaceAll('µ', glyphs.micro),
      tones,
    })),
  );
  const widths = columns.map((_, column) =>
    Math.max(...lines.map((row) => row[column]?.text.length ?? 0)),
  );
  return lines.map((row) =>
    row
      .map(({ text, tones }, column) => {
        const width = widths[column]!;
        const last = column === row.length - 1;
        const padded = columns[column]!.right ? text.padStart(width) : text.padEnd(width);
        return paint(last ? padded.trimEnd() : padded, ...tones);
      })
      .join(GAP)
      .trimEnd(),
  );
}
