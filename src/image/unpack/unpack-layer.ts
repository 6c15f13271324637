import { createHash, type Hash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { prefixed } from '../../errors/prefixed.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { decompressorOf } from '../source/decompress.ts';
import type { Layer } from '../source/image.ts';
import { streamOf } from '../source/image-files.ts';
import { readTar } from '../tar/read-tar.ts';
import type { LayerTarget } from './layer-target.ts';

interface UnpackOptions {
  signal: AbortSignal;
  /** Told how many bytes of the layer's file have been read. */
  onRead(bytes: number): void;
}

/** Unpacks a layer over those below it. Throws if the layer is not what its digests say. */
export async function unpackLayer(
  layer: Layer,
  target: LayerTarget,
  { signal, onRead }: UnpackOptions,
): Promise<void> {
  const { name, file, digest, diffId } = layer;
  const [ofFile, ofArchive] = [hashFor(digest), hashFor(diffId)];
  try {
    await pipeline(
      streamOf(file),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          ofFile?.update(chunk);
          onRead(chunk.length);
          yield chunk;
        }
      },
      decompressorOf(file, name) ?? new PassThrough(),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const entry of readTar(hashing(chunks, ofArchive))) await target.place(entry);
        target.finish();
      },
      { signal },
    );
  } catch (error) {
    throw signal.aborted ? error : prefixed(`layer ${name}`, error);
  }
  check(name, digest, ofFile);
  check(name, diffId, ofArchive);
}

const hashFor = (digest: string | undefined): Hash | undefined =>
  digest === undefined ? undefined : createHash(digest.split(':')[0]!);

async function* hashing(chunks: AsyncIterable<Buffer>, hash: Hash | undefined) {
  for await (const chunk of chunks) {
    hash?.update(chunk);
    yield chunk;
  }
}

function check(name: string, digest: string | undefined, hash: Hash | undefined): void {
  const found = hash && `${digest!.split(':')[0]}:${hash.digest('hex')}`;
  if (found === digest) return;
  throw new RuntimeError(`layer ${name} is damaged: expected ${digest}, found ${found}`);
}
