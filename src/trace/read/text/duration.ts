const MICRO = 1e3;
const MILLI = 1e6;
const SECOND = 1e9;

/** A duration, to three digits: `412 µs`, `31.2 ms`, `2.30 s`, `4 min 12 s`, `3 h 4 min`. */
export function formatDuration(nanos: number): string {
  if (nanos < 999.5 * MICRO) return `${Math.round(nanos / MICRO)} µs`;
  if (nanos < 999.5 * MILLI) return `${threeDigits(nanos / MILLI)} ms`;
  if (nanos < 59.95 * SECOND) return `${threeDigits(nanos / SECOND)} s`;
  const seconds = Math.round(nanos / SECOND);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A share of a whole: `39.7%`. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

function threeDigits(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}
