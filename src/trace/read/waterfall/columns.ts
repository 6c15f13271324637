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
  /** The share of the command's time; 0 on a narrow line. */
  share: number;
}

const DURATION = 10;
const SHARE = 6;
/** The mark at the end of a line, with its space. */
const MARK = 2;
const GAP = 2;

/** Below this width the share and the side are left out: names need the room. */
const NARROW = 56;
const NARROW_BAR = 4;

/** Column widths for a line of `width` cells, the same for all commands of `trace`. */
export function columnsOf(trace: StoredTrace, width: number, glyphs: Glyphs): Columns {
  const names = trace.commands.flatMap((command) => [
    command.root.name.length,
    ...treeRows(command, glyphs).map(({ branch, span }) => branch.length + labelOf(span).length),
  ]);
  const longest = Math.max(...names);
  if (width < NARROW) {
    const rest = width - DURATION - MARK - 2 * GAP;
    const name = Math.min(longest, Math.max(rest - NARROW_BAR, 12));
    return { name, side: 0, bar: Math.max(rest - name, NARROW_BAR), duration: DURATION, share: 0 };
  }
  const side = width >= 88 ? 'container'.length : 1;
  const fixed = DURATION + SHARE + MARK + 3 * GAP + side + GAP;
  const name = Math.min(Math.max(longest, 12), Math.max(Math.floor((width - fixed) * 0.55), 12));
  return { name, side, bar: width - fixed - name, duration: DURATION, share: SHARE };
}
