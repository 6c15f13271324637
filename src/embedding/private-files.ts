import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateDirectory } from './private-directory.ts';

/** Files that only this program's user may open. They are removed when the program ends. */
export class PrivateFiles {
  readonly #temporary: string;
  #directory: string | undefined;
  #made = 0;
  readonly #removeAtExit = (): void => this.remove();

  /** `temporary` is the directory for temporary files. */
  constructor(temporary: string) {
    this.#temporary = temporary;
  }

  /** Made at the first use. */
  get directory(): string {
    if (this.#directory === undefined) {
      this.#directory = makePrivateDirectory(this.#temporary);
      process.once('exit', this.#removeAtExit);
    }
    return this.#directory;
  }

  /** A path that is not used yet. */
  newPath(): string {
    return join(this.directory, String(this.#made++));
  }

  /** Writes a new file. Returns its path. */
  write(text: string): string {
    const path = this.newPath();
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  remove(): void {
    process.off('exit', this.#removeAtExit);
    if (this.#directory) rmSync(this.#directory, { recursive: true, force: true });
    this.#directory = undefined;
  }
}
