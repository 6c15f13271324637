import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epochOffset, hrTime, nanosOf } from '../../../../src/trace/record/clock.ts';
import { linesOf } from '../../process/child.ts';

const MILLI = 1_000_000n;

test('the start time lies between the launch of the process and its output', () => {
  const before = Date.now();
  const [line] = linesOf(`
    import { epochOffset, processStart } from './src/trace/record/clock.ts';
    console.log(Number(processStart() + epochOffset()) / 1e6);`);
  const start = Number(line);
  // Date.now() has whole milliseconds.
  assert.ok(before - 1 < start && start < Date.now() + 1, `${before} ${start}`);
});

test('the offset converts between the clocks', () => {
  const before = BigInt(Date.now()) * MILLI;
  const now = process.hrtime.bigint() + epochOffset();
  const after = BigInt(Date.now() + 1) * MILLI;
  assert.ok(before <= now && now <= after, `${before} ${now} ${after}`);
});

test("times of OpenTelemetry's API are converted exactly; a missing time is now", () => {
  const nanos = 1_700_000_000_123_456_789n;
  assert.equal(nanosOf(hrTime(nanos)), nanos);
  assert.equal(nanosOf(1500), 1500n * MILLI);
  assert.equal(nanosOf(new Date(1500)), 1500n * MILLI);
  const before = BigInt(Date.now()) * MILLI;
  assert.ok(nanosOf(undefined) >= before);
});
