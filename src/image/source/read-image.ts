import { RuntimeError } from '../../errors/runtime-error.ts';
import { readDockerArchive } from './docker-archive.ts';
import type { Image, NamedImage } from './image.ts';
import type { ImageFiles } from './image-files.ts';
import { readLayout } from './oci-layout.ts';

/** Reads the image `name`; without a name, the only one there is. */
export function readImage(files: ImageFiles, name: string | undefined): Image {
  const images = files.find('index.json')
    ? readLayout(files)
    : files.find('manifest.json')
      ? readDockerArchive(files)
      : undefined;
  if (!images) {
    throw new RuntimeError(
      `${files.source} has neither index.json nor manifest.json: expected an OCI layout or a docker-archive`,
      "'docker save' and 'skopeo copy docker://NAME oci:DIRECTORY' make them",
    );
  }
  return choose(images, files.source, name).read();
}

function choose(images: NamedImage[], source: string, name: string | undefined): NamedImage {
  const all = images.flatMap(({ names }) => names);
  const known = all.length > 0 ? `it has ${all.join(', ')}` : 'it has images without names';
  const found = name === undefined ? images : images.filter(({ names }) => names.some(matches));
  const [only, ...others] = found;
  if (!only) throw new RuntimeError(`${source} has no image ${name ?? ''}`.trim(), known);
  if (others.length === 0) return only;
  throw new RuntimeError(`${source} has ${found.length} images: give --image`, known);

  /** `alpine:3.20` and `3.20` both stand for docker.io/library/alpine:3.20. */
  function matches(full: string): boolean {
    return full === name || full.endsWith(`/${name}`) || full.endsWith(`:${name}`);
  }
}
