import { closeSync, openSync, readSync } from 'node:fs';
import { inheritAcrossFork } from '../../syscalls/task/memory.ts';

/** Room for /proc/self/maps: some 4,000 mappings; a Node process has a few hundred. */
const CAPACITY = 512 * 1024;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const DASH = 0x2d;
const PRIVATE = 0x70;
const ZERO = 0x30;

/**
 * The process's own memory map, as proc_pid_maps(5) tells it, read into memory that was allocated
 * beforehand: a scan must not itself make V8 map pages.
 */
export class MemoryMap {
  readonly #fd: number;
  #current = Buffer.alloc(CAPACITY);
  #currentLength = 0;
  #previous = Buffer.alloc(CAPACITY);
  #previousLength = 0;

  /** Must be made before the process enters a mount or pid namespace whose /proc is not its own. */
  constructor() {
    this.#fd = openSync('/proc/self/maps', 'r');
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Reads the map; true when it is byte for byte the one read before. */
  scan(): boolean {
    const previous = this.#previous;
    this.#previous = this.#current;
    this.#previousLength = this.#currentLength;
    this.#current = previous;
    this.#currentLength = 0;
    for (;;) {
      const got = readSync(
        this.#fd,
        this.#current,
        this.#currentLength,
        CAPACITY - this.#currentLength,
        this.#currentLength,
      );
      if (got === 0) break;
      this.#currentLength += got;
    }
    return (
      this.#currentLength === this.#previousLength &&
      this.#current.compare(this.#previous, 0, this.#previousLength, 0, this.#currentLength) === 0
    );
  }

  /**
   * Lets children inherit every private anonymous mapping of the last scan: V8's are MADV_DONTFORK.
   */
  markInherited(): void {
    const bytes = this.#current;
    let runStart = 0;
    let runEnd = 0;
    for (let at = 0; at < this.#currentLength; at = bytes.indexOf(NEWLINE, at) + 1) {
      const dash = bytes.indexOf(DASH, at);
      const space = bytes.indexOf(SPACE, dash);
      if (bytes[space + 4] !== PRIVATE || !isAnonymous(bytes, space + 6)) continue;
      const start = parseHex(bytes, at, dash);
      if (start !== runEnd) {
        if (runEnd > runStart) inheritAcrossFork(runStart, runEnd - runStart);
        runStart = start;
      }
      runEnd = parseHex(bytes, dash + 1, space);
    }
    if (runEnd > runStart) inheritAcrossFork(runStart, runEnd - runStart);
  }
}

/** True for inode 0; `at` is the offset field's start: `00000000 00:00 0`. */
function isAnonymous(bytes: Buffer, at: number): boolean {
  const device = bytes.indexOf(SPACE, at) + 1;
  const inode = bytes.indexOf(SPACE, device) + 1;
  const after = bytes[inode + 1];
  return bytes[inode] === ZERO && (after === SPACE || after === NEWLINE);
}

function parseHex(bytes: Buffer, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = bytes[at]!;
    value = value * 16 + (digit >= 0x61 ? digit - 0x57 : digit - 0x30);
  }
  return value;
}
