import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { hasErrno } from '../../errors/syscall-error.ts';
import type { ImageFile, ImageFiles } from './image-files.ts';

/** An OCI image layout as a directory. */
export class LayoutDirectory implements ImageFiles {
  readonly source: string;
  readonly #open = new DisposableStack();
  readonly #files = new Map<string, ImageFile>();

  constructor(source: string) {
    this.source = source;
  }

  find(path: string): ImageFile | undefined {
    const known = this.#files.get(path);
    if (known) return known;
    try {
      const fd = openSync(`${this.source}/${path}`, constants.O_RDONLY | constants.O_NONBLOCK);
      this.#open.adopt(fd, closeSync);
      const stat = fstatSync(fd);
      if (!stat.isFile()) return undefined;
      const file = { fd, start: 0, size: stat.size };
      this.#files.set(path, file);
      return file;
    } catch (error) {
      if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#open.dispose();
  }
}
