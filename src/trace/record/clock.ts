import type { HrTime, TimeInput } from '@opentelemetry/api';
import { monotonicNs } from '../../syscalls/time/monotonic.ts';
import { realtime } from '../../syscalls/time/realtime.ts';

const NANOS_PER_SECOND = 1_000_000_000n;
const NANOS_PER_MILLI = 1_000_000n;

/** When this process began, in CLOCK_MONOTONIC nanoseconds: Node's own start, after execve(2). */
export function processStart(): bigint {
  return monotonicNs() - BigInt(Math.round(process.uptime() * 1e9));
}

/**
 * Two readings of a clock are this close, in nanoseconds, unless the process lost its CPU in
 * between.
 */
const CLOSE = 50_000n;

/** What to add to CLOCK_MONOTONIC nanoseconds to get nanoseconds since the epoch. */
export function epochOffset(tries = 5): bigint {
  const before = monotonicNs();
  const time = realtime();
  const after = monotonicNs();
  if (after - before > CLOSE && tries > 1) return epochOffset(tries - 1);
  return time - (before + after) / 2n;
}

/** Whole milliseconds, as Date has them, for nanoseconds. */
export const millisecondsOf = (nanos: bigint): number => Number(nanos / NANOS_PER_MILLI);

/** Nanoseconds for milliseconds. */
export const nanosecondsOf = (milliseconds: number): bigint =>
  BigInt(Math.round(milliseconds)) * NANOS_PER_MILLI;

/** Nanoseconds as seconds and nanoseconds. */
export const hrTime = (nanos: bigint): HrTime => [
  Number(nanos / NANOS_PER_SECOND),
  Number(nanos % NANOS_PER_SECOND),
];

/** A time of OpenTelemetry's API as nanoseconds since the epoch; now when absent. */
export function nanosOf(time: TimeInput | undefined): bigint {
  if (time === undefined) return realtime();
  if (Array.isArray(time)) return BigInt(time[0]) * NANOS_PER_SECOND + BigInt(time[1]);
  return BigInt(Math.round(Number(time) * 1e6));
}
