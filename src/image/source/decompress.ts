import { readSync } from 'node:fs';
import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { RuntimeError } from '../../errors/runtime-error.ts';
import type { ImageFile } from './image-files.ts';

const MAGIC: readonly { name: string; bytes: string; make?: () => Transform }[] = [
  { name: 'gzip', bytes: '1f8b', make: createGunzip },
  { name: 'zstd', bytes: '28b52ffd', make: createZstdDecompress },
  { name: 'bzip2', bytes: '425a68' },
  { name: 'xz', bytes: 'fd377a585a00' },
];

/** What decompresses `file`, by its first bytes; undefined if it is not compressed. */
export function decompressorOf(file: ImageFile, name: string): Transform | undefined {
  const first = Buffer.alloc(6);
  const length = readSync(file.fd, first, 0, Math.min(first.length, file.size), file.start);
  const begin = first.toString('hex', 0, length);
  const format = MAGIC.find(({ bytes }) => begin.startsWith(bytes));
  if (!format) return undefined;
  if (format.make) return format.make();
  throw new RuntimeError(
    `${name} is compressed with ${format.name}: expected gzip, zstd or no compression`,
    `decompress it first: ${format.name} -d`,
  );
}
