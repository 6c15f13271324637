const FIRST = 1000;
const LONGEST = 30_000;

/** Milliseconds to wait after failure `n`, from 0: twice as long each time, half of it by chance. */
export function backoff(n: number, random = Math.random()): number {
  const full = Math.min(FIRST * 2 ** n, LONGEST);
  return full / 2 + (full / 2) * random;
}
