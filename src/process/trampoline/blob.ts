/** Bytes in the image whose address a system call is given. */
export interface Blob {
  bytes: Uint8Array;
  /** Blobs whose addresses stand in `bytes`, by offset. */
  pointers?: ReadonlyMap<number, Blob>;
}

/** A C string. Throws for one with a NUL inside, which would end early. */
export function cString(text: string): Blob {
  if (text.includes('\0')) throw new Error(`${JSON.stringify(text)} contains a NUL`);
  return { bytes: Buffer.from(`${text}\0`) };
}

/** A NULL-terminated array of C strings: argv and envp. */
export function stringArray(strings: readonly string[]): Blob {
  return {
    bytes: new Uint8Array(8 * (strings.length + 1)),
    pointers: new Map(strings.map((text, i) => [8 * i, cString(text)])),
  };
}

/** struct sock_fprog (linux/filter.h): the number of instructions, and their address. */
export function sockFprog(program: Uint8Array): Blob {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(program.length / 8, 0);
  return { bytes, pointers: new Map([[8, { bytes: program }]]) };
}

/** Lays blobs out one after the other, and knows their addresses. */
export class BlobArea {
  readonly #chunks: Uint8Array[] = [];
  #next: bigint;

  /** `address` of the first blob, a multiple of 8. */
  constructor(address: bigint) {
    this.#next = address;
  }

  /** Adds the blob, and before it those it points to; its address. */
  add({ bytes, pointers }: Blob): bigint {
    const size = (bytes.length + 7) & ~7;
    const chunk = Buffer.alloc(size);
    chunk.set(bytes);
    for (const [offset, target] of pointers ?? []) {
      chunk.writeBigUInt64LE(this.add(target), offset);
    }
    const address = this.#next;
    this.#chunks.push(chunk);
    this.#next += BigInt(size);
    return address;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
