/** A header block of a tar archive, as pax(1) and GNU tar define it. */
export interface Header {
  name: string;
  mode: number;
  uid: number;
  gid: number;
  /** Bytes of content that follow. */
  size: number;
  /** Seconds since the epoch. */
  mtime: number;
  /** `0` for a file, `5` for a directory, … */
  type: string;
  linkName: string;
  major: number;
  minor: number;
}

export const BLOCK = 512;

/** The header in `block`; undefined for a block of zeros, which ends an archive. */
export function parseHeader(block: Buffer, position: number): Header | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (checksum(block) !== number(block, 148, 156)) {
    throw new Error(`there is no tar header at byte ${position}`);
  }
  // GNU's format, `ustar  `, has other fields in place of the prefix.
  const prefix = text(block, 257, 263) === 'ustar' ? text(block, 345, 500) : '';
  const name = text(block, 0, 100);
  return {
    name: prefix ? `${prefix}/${name}` : name,
    mode: number(block, 100, 108),
    uid: number(block, 108, 116),
    gid: number(block, 116, 124),
    size: number(block, 124, 136),
    mtime: number(block, 136, 148),
    type: block[156] === 0 ? '0' : String.fromCharCode(block[156]!),
    linkName: text(block, 157, 257),
    major: number(block, 329, 337),
    minor: number(block, 337, 345),
  };
}

/** The sum of all bytes, with spaces in the place of the checksum. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += block[i]!;
  return sum;
}

function text(block: Buffer, start: number, end: number): string {
  const zero = block.indexOf(0, start);
  return block.toString('utf8', start, zero === -1 ? end : Math.min(zero, end));
}

/** Octal digits; or base 256 for a larger number, where the first bit is set. */
function number(block: Buffer, start: number, end: number): number {
  if (!(block[start]! & 0x80)) return Number.parseInt(text(block, start, end).trim() || '0', 8);
  let value = block[start]! & 0x7f;
  for (let i = start + 1; i < end; i++) value = value * 256 + block[i]!;
  return value;
}
