import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelOf, type SpanNode, spanTree } from '../../../../src/trace/read/span-tree.ts';
import type { Span } from '../../../../src/trace/store/span.ts';

const span = (spanId: string, parentSpanId?: string, attributes = {}): Span => ({
  ...{ traceId: 't', spanId, parentSpanId, flags: 1, name: spanId, attributes },
  ...{ start: 0n, end: 1n, events: [], links: [] },
});

const drawn = (nodes: SpanNode[]): string =>
  nodes
    .map(({ span, children }) => span.spanId + (children.length ? `(${drawn(children)})` : ''))
    .join(' ');

const tree = (...spans: Span[]): string =>
  drawn(spanTree({ root: span('root'), spans, request: { resourceSpans: [] } }));

test('a span is below its parent, or below the command if the parent is missing', () => {
  assert.equal(tree(span('a', 'root'), span('b', 'a'), span('c', 'lost'), span('d')), 'a(b) c d');
});

test('cycles of spans, and duplicate ids, do not loop', () => {
  assert.equal(tree(span('a', 'b'), span('b', 'a'), span('c', 'c'), span('d', 'root')), 'd');
  assert.equal(tree(span('a', 'root'), span('a', 'root'), span('b', 'a')), 'a(b) a');
});

test('a plugin’s function and a hook’s program are named', () => {
  assert.equal(labelOf(span('plugin x', '', { 'davit.plugin.call': 'before' })), 'plugin x before');
  const hook = span('hook prestart[0]', '', { 'process.executable.path': '/usr/bin/cni' });
  assert.equal(labelOf(hook), 'hook prestart[0] cni');
});
