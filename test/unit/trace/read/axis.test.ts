import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Axis } from '../../../../src/trace/read/axis.ts';
import type { Span } from '../../../../src/trace/store/span.ts';

const BASE = 1_795_000_000_000_000_000n;

function span(start: number, end: number, wait = false): Span {
  return {
    traceId: 'a',
    spanId: `${start}-${end}`,
    flags: 1,
    name: 'x',
    start: BASE + BigInt(start),
    end: BASE + BigInt(end),
    attributes: { 'davit.wait': wait },
    events: [],
    links: [],
  };
}

function axis(root: Span, spans: Span[]): Axis {
  return new Axis({ root, spans, request: { resourceSpans: [] } });
}

test('coverage counts parallel stages once, and nothing outside of the command', () => {
  const root = span(0, 100);
  const spans = [span(-50, 10), span(0, 20), span(15, 30), span(50, 60), span(95, 400)];
  assert.equal(axis(root, spans).coverage(spans, root), 0.45);
});

test('waits are cut from the axis', () => {
  const root = span(0, 1000);
  const spans = [span(0, 50), span(50, 900, true), span(60, 950, true), span(950, 1000)];
  const waits = axis(root, spans);
  assert.equal(waits.total, 100);
  assert.equal(waits.at(BASE + 500n), 50);
  assert.equal(waits.at(BASE + 960n), 60);
  assert.equal(waits.length(spans[2]!), 0);
  assert.equal(waits.coverage(spans, root), 1);
});

test('a command without duration has an axis', () => {
  const root = span(5, 5);
  assert.equal(axis(root, []).total, 1);
});
