import type { ImageConfig } from './image-config.ts';
import type { ImageFile } from './image-files.ts';

/** A layer of an image: a tar archive, which may be compressed. */
export interface Layer {
  name: string;
  file: ImageFile;
  /** `sha256:…` of the file. */
  digest?: string | undefined;
  /** `sha256:…` of the archive that is in it. */
  diffId?: string | undefined;
}

export interface Image {
  config: ImageConfig;
  /** The lowest first. */
  layers: Layer[];
}

/** One of the images that an archive or a layout holds. */
export interface NamedImage {
  names: readonly string[];
  read(): Image;
}
