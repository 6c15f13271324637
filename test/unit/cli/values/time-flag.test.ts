import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTime } from '../../../../src/cli/values/time-flag.ts';

test('a duration means that long ago', () => {
  assert.equal(parseTime('10m', 1_000_000), 400_000);
  assert.equal(parseTime('1h30m', 0), -5_400_000);
  assert.equal(parseTime('-1h', 0), undefined);
});

test('a date may have a time and a zone', () => {
  const local = (text: string) => new Date(text).getTime();
  assert.equal(parseTime('2026-11-25', 0), local('2026-11-25T00:00'));
  assert.equal(parseTime('2026-11-25 12:30', 0), local('2026-11-25T12:30'));
  assert.equal(parseTime('2026-11-25T12:30:01.5Z', 0), Date.UTC(2026, 10, 25, 12, 30, 1, 500));
});

test('anything else is undefined', () => {
  for (const text of ['', 'yesterday', '2026-13-01', '2026-11-25 12', '12:00', '1']) {
    assert.equal(parseTime(text, 0), undefined, text);
  }
});
