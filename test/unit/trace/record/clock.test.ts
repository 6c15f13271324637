import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EpochOffset } from '../../../../src/trace/record/clock.ts';
import { linesOf } from '../../process/child.ts';

const MILLI = 1_000_000n;

test('the process began after it was started, and before it said so', () => {
  const before = Date.now();
  const [line] = linesOf(`
    import { EpochOffset, processStart } from './src/trace/record/clock.ts';
    console.log(Number(processStart() + new EpochOffset().nanos) / 1e6);`);
  const start = Number(line);
  // Date.now() knows whole milliseconds.
  assert.ok(before - 1 < start && start < Date.now() + 1, `${before} ${start}`);
});

test('what samples have told agrees with both clocks', () => {
  const offset = new EpochOffset();
  const until = process.hrtime.bigint() + 20n * MILLI;
  while (process.hrtime.bigint() < until) offset.sample();
  const before = process.hrtime.bigint();
  const epoch = BigInt(Date.now()) * MILLI;
  const after = process.hrtime.bigint();
  // NTP may have slewed the wall clock since.
  const slewed = MILLI / 10n;
  assert.ok(offset.nanos > epoch - after - slewed);
  assert.ok(offset.nanos < epoch + MILLI - before + slewed);
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
