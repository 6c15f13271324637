import assert from 'node:assert/strict';
import { test } from 'node:test';
import { carryTrace } from '../../../src/caller/carry-trace.ts';

test("a trace's variables replace existing ones", () => {
  const env = ['A=1', 'TRACEPARENT=old', 'TRACESTATE=old', 'BAGGAGE=mine', 'B=2'];
  const trace = { TRACEPARENT: 'new' };
  assert.deepEqual(carryTrace(env, trace), ['A=1', 'BAGGAGE=mine', 'B=2', 'TRACEPARENT=new']);
  assert.deepEqual(carryTrace(env, {}), env);
});
