const FIRST = 1000;
const LONGEST = 30_000;

/**
 * Milliseconds to wait after failure `n`, counted from 0. Doubles each time; half of it is random.
 */
export function backoff(n: number, random = Math.random()): number {
  const full = Math.min(FIRST * 2 ** n, LONGEST);
  return full / 2 + (full / 2) * random;
}
