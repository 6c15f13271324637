import type { StoredTrace } from '../read-traces.ts';
import { labelOf } from '../span-tree.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { treeRows } from './tree.ts';

/** The widths, in cells, of a waterfall's columns. */
export interface Columns {
  name: number;
  /** `runtime` or `container` in full, one letter, or none. */
  side: number;
  bar: number;
  duration: number;
  share: number;
}

const DURATION = 10;
const SHARE = 6;
/** The mark at the end of a line, with its space. */
const MARK = 2;
const GAP = 2;

/** Divides a line of `width` cells, for all commands of `trace` alike. */
export function columnsOf(trace: StoredTrace, width: number, glyphs: Glyphs): Columns {
  const names = trace.commands.flatMap((command) => [
    command.root.name.length,
    ...treeRows(command, glyphs).map(({ branch, span }) => branch.length + labelOf(span).length),
  ]);
  const longest = Math.max(...names);
  const side = width >= 88 ? 'container'.length : Number(width >= 56);
  const fixed = DURATION + SHARE + MARK + 3 * GAP + (side === 0 ? 0 : side + GAP);
  const name = Math.min(Math.max(longest, 12), Math.max(Math.floor((width - fixed) * 0.55), 12));
  return { name, side, bar: Math.max(width - fixed - name, 8), duration: DURATION, share: SHARE };
}
