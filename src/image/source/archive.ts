import { fstatSync } from 'node:fs';
import { posix } from 'node:path';
import { readTar } from '../tar/read-tar.ts';
import { type ImageFile, type ImageFiles, streamOf } from './image-files.ts';

/** An image in a tar archive: `docker save`, `podman save`, `skopeo copy … oci-archive:`. */
export class Archive implements ImageFiles {
  readonly source: string;
  #fds: Disposable | undefined;
  /** The place of a file, or the path that a link leads to. */
  readonly #entries = new Map<string, ImageFile | string>();

  private constructor(source: string) {
    this.source = source;
  }

  /** Reads the headers of the archive `fd`. */
  static async open(source: string, fd: number): Promise<Archive> {
    const archive = new Archive(source);
    const entries = archive.#entries;
    const whole = { fd, start: 0, size: fstatSync(fd).size };
    for await (const { name, type, start, size, linkName } of readTar(streamOf(whole))) {
      const path = posix.normalize(name);
      if (type === 'file') entries.set(path, { fd, start, size });
      // docker save made links where two images have one layer.
      else if (type === 'hardlink') entries.set(path, posix.normalize(linkName));
      else if (type === 'symlink') entries.set(path, posix.join(posix.dirname(path), linkName));
    }
    return archive;
  }

  /** Closes `fds` with the archive. */
  own(fds: Disposable): void {
    this.#fds = fds;
  }

  find(path: string): ImageFile | undefined {
    let found = this.#entries.get(posix.normalize(path));
    for (let links = 0; typeof found === 'string' && links < MAX_LINKS; links++) {
      found = this.#entries.get(found);
    }
    return typeof found === 'object' ? found : undefined;
  }

  [Symbol.dispose](): void {
    this.#fds?.[Symbol.dispose]();
  }
}

const MAX_LINKS = 8;
