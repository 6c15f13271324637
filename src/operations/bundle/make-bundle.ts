import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { stringifyJson } from '../../config/json.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { withHint } from '../../errors/with-hint.ts';
import { type ImageSpecOptions, imageSpec } from '../../image/image-spec.ts';
import { openImageFiles } from '../../image/source/open-image-files.ts';
import { readImage } from '../../image/source/read-image.ts';
import { LayerTarget } from '../../image/unpack/layer-target.ts';
import type { UnpackContext } from '../../image/unpack/unpack-context.ts';
import { unpackLayer } from '../../image/unpack/unpack-layer.ts';
import { O_PATH } from '../../syscalls/files/file.ts';
import { makeDirectories } from '../../syscalls/files/make-directories.ts';

/*
 * This module is a bundle of its own (tools/build/bundle/bundle.ts): no other command unpacks
 * images.
 */

/** How far unpacking has come. */
export interface BundleProgress {
  /** 1 for the first. */
  layer: number;
  layers: number;
  /** Bytes of the image's files: read so far, and of all layers. */
  read: number;
  total: number;
}

interface BundleRequest extends Omit<ImageSpecOptions, 'root'> {
  /** An OCI layout or a docker-archive; `-` for standard input. */
  image: string;
  /** Which image, if there are several. */
  name: string | undefined;
  /** The bundle to make. It may exist, without config.json and rootfs. */
  directory: string;
  /** The most bytes that the files of the image may have together. */
  maxSize: number;
  /** False for an ordinary user, to whom then all files belong. */
  mayChown: boolean;
  /** Aborting it ends the work and removes what was made. */
  signal: AbortSignal;
  onProgress(progress: BundleProgress): void;
}

/**
 * Makes a bundle of an image: unpacks its layers and writes config.json. A failure leaves nothing.
 * Returns what was left out, in words.
 */
export async function makeBundle(request: BundleRequest): Promise<string[]> {
  const { directory } = request;
  const [rootfs, config] = [join(directory, 'rootfs'), join(directory, 'config.json')];
  for (const path of [rootfs, config]) {
    if (!lstatSync(path, { throwIfNoEntry: false })) continue;
    throw new RuntimeError(`${path} exists already`, 'choose another directory, or remove it');
  }
  using undo = new DisposableStack();
  const isNew = !existsSync(directory);
  undo.defer(() => rmSync(isNew ? directory : rootfs, { recursive: true, force: true }));
  makeDirectories(rootfs, 0o755);
  const omitted = await fill(request, rootfs, config).catch((error: unknown) => {
    throw withHint(error, hintFor(error, directory));
  });
  undo.move();
  return omitted;
}

async function fill(request: BundleRequest, rootfs: string, config: string): Promise<string[]> {
  const { image, name, directory, maxSize, mayChown, signal } = request;
  using open = new DisposableStack();
  const files = open.use(await openImageFiles(image, { scratch: directory, signal }));
  const found = readImage(files, name);
  const { O_DIRECTORY, O_NOFOLLOW } = constants;
  const root = open.adopt(openSync(rootfs, O_PATH | O_DIRECTORY | O_NOFOLLOW), closeSync);
  const context: UnpackContext = { root, mayChown, left: maxSize, omitted: new Map() };
  const total = found.layers.reduce((sum, { file }) => sum + file.size, 0);
  let read = 0;
  for (const [index, layer] of found.layers.entries()) {
    await unpackLayer(layer, new LayerTarget(context), {
      signal,
      onRead(bytes) {
        read += bytes;
        request.onProgress({ layer: index + 1, layers: found.layers.length, read, total });
      },
    });
  }
  const spec = imageSpec(found.config, { ...request, root });
  // Last: a directory without config.json is not taken for a bundle.
  writeFileSync(config, `${stringifyJson(spec, '\t')}\n`, { flag: 'wx' });
  return [...context.omitted].map(([what, count]) => `left out ${count} × ${what}`);
}

function hintFor(error: unknown, directory: string): string | undefined {
  if (error instanceof Error && 'hint' in error && error.hint) return String(error.hint);
  return hasErrno(error, 'ENOSPC', 'EDQUOT')
    ? `the disk of ${directory} is full: everything that was unpacked is removed again`
    : undefined;
}
