/**
 * The one of `known` that `given` most likely stands for: up to three letters differ, are missing,
 * are in excess or stand in another order, but about a third at most. Case does not count. Of
 * equally near names, one that begins with `given` counts more. Undefined when none is near enough.
 */
export function nearestName(given: string, known: readonly string[]): string | undefined {
  const limit = Math.min(3, Math.floor((given.length + 1) / 3));
  let nearest: string | undefined;
  let least = limit + 1;
  for (const name of known) {
    if (Math.abs(name.length - given.length) > least) continue;
    const edits =
      distance(given.toLowerCase(), name.toLowerCase()) - (name.startsWith(given) ? 0.5 : 0);
    if (edits < least) [nearest, least] = [name, edits];
  }
  return nearest;
}

/** The optimal string alignment distance: each insertion, deletion, change or swap counts 1. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? beforeLast[j - 2]! + 1 : Infinity;
      row.push(Math.min(change, swap, last[j]! + 1, row[j - 1]! + 1));
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
