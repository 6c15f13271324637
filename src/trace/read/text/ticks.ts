/** The least of 1, 2 and 5 times a power of ten that is not below `least`. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((factor) => factor * power >= least) ?? 10) * power;
}

/** The unit for the labels of an axis up to `nanos`. */
export function unitOf(nanos: number): { name: string; nanos: number } {
  if (nanos >= 1e9) return { name: 's', nanos: 1e9 };
  return nanos >= 1e6 ? { name: 'ms', nanos: 1e6 } : { name: 'µs', nanos: 1e3 };
}
