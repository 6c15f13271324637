import assert from 'node:assert/strict';
import { test } from 'node:test';
import { samplerFrom } from '../../../../src/trace/record/sampler.ts';
import { CALLER } from '../sample-trace.ts';

const LOW = `${'0'.repeat(24)}00000001`;
const HIGH = `${'0'.repeat(24)}ffffffff`;
const unsampled = { ...CALLER, traceFlags: 0 };

const sample = (name: string, argument?: string) =>
  samplerFrom({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: argument });

test("the caller's flag decides, unless OTEL_TRACES_SAMPLER is set", () => {
  for (const sampler of [samplerFrom({}), sample('parentbased_always_on'), sample('nonsense')]) {
    assert.equal(sampler(LOW, undefined), true);
    assert.equal(sampler(LOW, CALLER), true);
    assert.equal(sampler(LOW, unsampled), false);
  }
  assert.equal(sample('always_on')(LOW, unsampled), true);
  assert.equal(sample('always_off')(LOW, CALLER), false);
  assert.equal(sample('parentbased_always_off')(LOW, undefined), false);
  assert.equal(sample('parentbased_always_off')(LOW, CALLER), true);
});

test('a ratio samples the same traces everywhere, by their ids', () => {
  const half = sample('traceidratio', '0.5');
  assert.equal(half(LOW, undefined), true);
  assert.equal(half(HIGH, undefined), false);
  assert.equal(half(HIGH, CALLER), false);
  assert.equal(sample('parentbased_traceidratio', '0.5')(HIGH, CALLER), true);
  assert.equal(sample('traceidratio', '0')(LOW, undefined), false);
  for (const argument of ['1', '', undefined, '2', 'x']) {
    assert.equal(sample('traceidratio', argument)(HIGH, undefined), true, String(argument));
  }
});
