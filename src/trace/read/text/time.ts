/** `2026-11-25 12:54:44.757Z` of nanoseconds since the epoch. */
export function formatTime(nanos: bigint): string {
  return new Date(Number(nanos / 1_000_000n)).toISOString().replace('T', ' ');
}
