import { RuntimeError } from '../../errors/runtime-error.ts';

const UNITS = 'kmgtp';

/**
 * Bytes for `512k`, `1.5GiB`, `64 MB` or a number; units are powers of 1024, as in docker/go-units.
 */
export function byteSize(text: string): bigint {
  const match = /^(\d+\.?\d*|\.\d+) ?([a-z]*)$/i.exec(text);
  if (!match) throw new RuntimeError(`invalid size: '${text}'`);
  const [, number, suffix = ''] = match;
  const unit = /^(?:b|([kmgtp])(?:i?b)?)?$/i.exec(suffix);
  if (!unit) throw new RuntimeError(`invalid suffix: '${suffix.toLowerCase()}'`);
  const power = unit[1] ? UNITS.indexOf(unit[1].toLowerCase()) + 1 : 0;
  // Whole numbers are exact: a float holds no more than 53 bits.
  if (/^\d+$/.test(number!)) return BigInt(number!) * 1024n ** BigInt(power);
  return BigInt(Math.trunc(Number(number) * 1024 ** power));
}
