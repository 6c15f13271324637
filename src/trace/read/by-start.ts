import type { Span } from '../store/span.ts';

export function byStart(a: Span, b: Span): number {
  return a.start < b.start ? -1 : Number(a.start > b.start);
}
