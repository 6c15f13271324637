import type { StoredCommand } from '../read-traces.ts';
import type { Span } from '../span.ts';
import type { Glyphs } from './glyphs.ts';

/** A span and the lines that lead to it. */
export interface Row {
  span: Span;
  /** 1 for a stage, a child of the command's root. */
  depth: number;
  /** Drawn before its name: `│  ├─ `. */
  branch: string;
  /** Drawn below it, before what belongs to it: `│  │  `. */
  trunk: string;
}

/** The spans below a command's root, each parent before its children, those by their start. */
export function treeRows({ root, spans }: StoredCommand, glyphs: Glyphs): Row[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const parentOf = ({ parentSpanId }: Span) =>
    parentSpanId !== undefined && known.has(parentSpanId) ? parentSpanId : root.spanId;
  const rows: Row[] = [];
  const seen = new Set<Span>();
  const descend = (parent: string, depth: number, trunk: string): void => {
    const children = spans.filter((span) => !seen.has(span) && parentOf(span) === parent);
    children.sort((a, b) => (a.start < b.start ? -1 : Number(a.start > b.start)));
    for (const child of children) seen.add(child);
    for (const [index, span] of children.entries()) {
      const last = index === children.length - 1;
      const below = trunk + (last ? glyphs.blank : glyphs.trunk);
      rows.push({
        span,
        depth,
        branch: trunk + (last ? glyphs.corner : glyphs.fork),
        trunk: below,
      });
      descend(span.spanId, depth + 1, below);
    }
  };
  descend(root.spanId, 1, '');
  return rows;
}
