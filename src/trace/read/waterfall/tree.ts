import type { Span } from '../../store/span.ts';
import type { StoredCommand } from '../read-traces.ts';
import { type SpanNode, spanTree } from '../span-tree.ts';
import type { Glyphs } from '../text/glyphs.ts';

/** A span and the tree lines around it. */
export interface Row {
  span: Span;
  /** 1 for a stage, a child of the command's root. */
  depth: number;
  /** Drawn before the span's name: `│  ├─ `. */
  branch: string;
  /** Drawn before further lines of the span: `│  │  `. */
  trunk: string;
}

/** The spans below a command's root, parents before children, siblings by start. */
export function treeRows(command: StoredCommand, glyphs: Glyphs): Row[] {
  const rowsOf = (nodes: SpanNode[], depth: number, trunk: string): Row[] =>
    nodes.flatMap(({ span, children }, index) => {
      const last = index === nodes.length - 1;
      const below = trunk + (last ? glyphs.blank : glyphs.trunk);
      const branch = trunk + (last ? glyphs.corner : glyphs.fork);
      return [{ span, depth, branch, trunk: below }, ...rowsOf(children, depth + 1, below)];
    });
  return rowsOf(spanTree(command), 1, '');
}
