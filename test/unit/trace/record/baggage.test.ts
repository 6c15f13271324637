import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baggageFrom } from '../../../../src/trace/record/baggage.ts';

test('baggage is passed on, without spaces around its members', () => {
  assert.equal(baggageFrom('userId=alice'), 'userId=alice');
  assert.equal(baggageFrom('a=1 , b = 2;p=3;q,\tc='), 'a=1,b = 2;p=3;q,c=');
});

test('invalid members are left out', () => {
  assert.equal(baggageFrom('a=1,no,b=with space,c="q",=x,d=2'), 'a=1,d=2');
  for (const text of [undefined, '', 'no', 'a=\u00e9', 'a=1\nb=2']) {
    assert.equal(baggageFrom(text), undefined, String(text));
  }
});

test('members beyond the limits are left out', () => {
  const members = Array.from({ length: 200 }, (_, i) => `k${i}=v`);
  assert.equal(baggageFrom(members.join(','))?.split(',').length, 180);
  const long = 'v'.repeat(5000);
  assert.equal(baggageFrom(`a=${long},b=${long},c=1`), `a=${long}`);
});
