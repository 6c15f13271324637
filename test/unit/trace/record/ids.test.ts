import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newSpanId, newTraceId } from '../../../../src/trace/record/ids.ts';

test('ids have the right length and do not repeat', () => {
  const spans = Array.from({ length: 1000 }, newSpanId);
  const traces = Array.from({ length: 1000 }, newTraceId);
  for (const id of spans) assert.match(id, /^[0-9a-f]{16}$/);
  for (const id of traces) assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(new Set([...spans, ...traces]).size, 2000);
});
