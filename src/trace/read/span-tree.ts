import { basename } from 'node:path';
import { PLUGIN_CALL, PLUGIN_NAME, PROCESS_EXECUTABLE_PATH } from '../record/attributes.ts';
import type { Span } from '../store/span.ts';
import { byStart } from './by-start.ts';
import type { StoredCommand } from './read-traces.ts';

/** A span of a command and its children, sorted by start. */
export interface SpanNode {
  span: Span;
  children: SpanNode[];
}

/**
 * The spans below a command's root, as a tree. A span whose parent is unknown is a child of the
 * root. A span that is its own ancestor is left out.
 */
export function spanTree({ root, spans }: StoredCommand): SpanNode[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const byParent = Map.groupBy(spans, ({ parentSpanId }) =>
    parentSpanId !== undefined && known.has(parentSpanId) ? parentSpanId : root.spanId,
  );
  const childrenOf = (parent: string): SpanNode[] => {
    const children = byParent.get(parent) ?? [];
    // Without this, two spans with the same id would be each other's children without end.
    byParent.delete(parent);
    return children.toSorted(byStart).map((span) => ({ span, children: childrenOf(span.spanId) }));
  };
  return childrenOf(root.spanId);
}

/** A span's name for display: with the function that a plugin ran, or the program of a hook. */
export function labelOf({ name, attributes }: Span): string {
  const call = attributes[PLUGIN_CALL];
  const program = isHook(name) ? attributes[PROCESS_EXECUTABLE_PATH] : undefined;
  if (typeof call === 'string') return `${name} ${call}`;
  return typeof program === 'string' ? `${name} ${basename(program)}` : name;
}

/** True for the span of a plugin or a hook. */
export const isForeign = ({ name, attributes }: Span): boolean =>
  attributes[PLUGIN_NAME] !== undefined || isHook(name);

const isHook = (name: string): boolean => name.startsWith('hook ');
