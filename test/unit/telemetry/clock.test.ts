import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EpochOffset, processStart } from '../../../src/telemetry/clock.ts';

const MILLI = 1_000_000n;

test('the process began when performance.timeOrigin says, within some milliseconds', () => {
  const start = Number(processStart() + new EpochOffset().nanos) / 1e6;
  assert.ok(Math.abs(start - performance.timeOrigin) < 5, `${start - performance.timeOrigin}`);
});

test('samples narrow the offset to far below the millisecond of Date.now()', () => {
  const offset = new EpochOffset();
  const until = process.hrtime.bigint() + 20n * MILLI;
  while (process.hrtime.bigint() < until) offset.sample();
  const epoch = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6));
  const error = Number(process.hrtime.bigint() + offset.nanos - epoch);
  // performance.now() counts from a wall clock read at the start: NTP may have slewed it since.
  assert.ok(Math.abs(error) < 500_000, `${error} ns`);
});

test('bounds intersect', () => {
  const offset = new EpochOffset();
  offset.bound(100n, 5n * MILLI, 100n); // 5 to 6 ms, at 100 ns
  offset.bound(800_000n, 6n * MILLI, 800_000n); // 6 to 7 ms, at 0.8 ms
  assert.equal(offset.nanos, (6n * MILLI - 800_000n + (6n * MILLI - 100n)) / 2n);
});

test('a wall clock that was set voids what was known', () => {
  const offset = new EpochOffset();
  offset.bound(0n, 5n * MILLI, 0n);
  offset.bound(MILLI, 900n * MILLI, MILLI);
  assert.equal(offset.nanos, 899n * MILLI + MILLI / 2n);
});
