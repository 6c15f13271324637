const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `17 B`, `1.5 MiB`: at most three digits; units are powers of 1024. */
export function byteCount(bytes: number | bigint): string {
  let value = Number(bytes);
  let power = 0;
  for (; value >= 1000 && power < UNITS.length - 1; power++) value /= 1024;
  const digits = power > 0 && value < 10 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[power]}`;
}
