import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatTraceparent,
  parseTraceparent,
  traceContextFrom,
  traceEnvironment,
} from '../../../../src/trace/record/trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const TRACEPARENT = `00-${TRACE}-${SPAN}-01`;

test('a traceparent is parsed and written', () => {
  const context = parseTraceparent(TRACEPARENT);
  assert.deepEqual(context, { traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true });
  assert.equal(formatTraceparent(context!), TRACEPARENT);
  assert.equal(formatTraceparent({ ...context!, traceFlags: 0 }), `00-${TRACE}-${SPAN}-00`);
});

test('only the sampled flag is passed on', () => {
  const context = parseTraceparent(`00-${TRACE}-${SPAN}-03`)!;
  assert.equal(context.traceFlags, 3);
  assert.equal(formatTraceparent(context), TRACEPARENT);
});

test('of a later version, the first four fields are used', () => {
  assert.equal(parseTraceparent(`cc-${TRACE}-${SPAN}-01-more`)?.spanId, SPAN);
  assert.equal(parseTraceparent(`cc-${TRACE}-${SPAN}-01`)?.spanId, SPAN);
});

for (const [what, text] of Object.entries({
  nothing: undefined,
  'an empty one': '',
  'upper case': TRACEPARENT.toUpperCase(),
  'version ff': `ff-${TRACE}-${SPAN}-01`,
  'a zero trace id': `00-${'0'.repeat(32)}-${SPAN}-01`,
  'a zero span id': `00-${TRACE}-${'0'.repeat(16)}-01`,
  'a short trace id': `00-${TRACE.slice(1)}-${SPAN}-01`,
  'a fifth field in version 00': `${TRACEPARENT}-more`,
  'a later version with trailing text': `cc-${TRACE}-${SPAN}-01more`,
  'white space': ` ${TRACEPARENT}`,
  'a line end': `${TRACEPARENT}\n`,
  'missing flags': `00-${TRACE}-${SPAN}`,
})) {
  test(`invalid: ${what}`, () => assert.equal(parseTraceparent(text), undefined));
}

test('the environment passes on both variables; an invalid tracestate is dropped', () => {
  const environment = { TRACEPARENT, TRACESTATE: 'congo=t61rcWkgMzE,tenant@sys=00f0' };
  const context = traceContextFrom(environment)!;
  assert.equal(context.traceState?.serialize(), environment.TRACESTATE);
  assert.deepEqual(traceEnvironment(context), environment);
  for (const TRACESTATE of ['a=1,a=2', 'A=1', 'novalue', 'a=b=c', `a=${'x'.repeat(257)}`, 'a=é']) {
    assert.equal(traceContextFrom({ TRACEPARENT, TRACESTATE })?.traceState, undefined, TRACESTATE);
  }
  const many = Array.from({ length: 33 }, (_, n) => `k${n}=v`);
  assert.equal(traceContextFrom({ TRACEPARENT, TRACESTATE: many.join() })?.traceState, undefined);
  assert.ok(traceContextFrom({ TRACEPARENT, TRACESTATE: many.slice(1).join() })?.traceState);
  assert.equal(traceContextFrom({ TRACESTATE: 'a=1' }), undefined);
});
