import { type Blob, type Bytes, checkNoNul, type StringArray } from './blob.ts';

/** Lays blobs out one after the other in memory that is to be at `address`, below 4 GiB. */
export class BlobArea {
  readonly #address: number;
  #buffer = Buffer.alloc(8192);
  #end = 0;

  /** `address` of the first blob, a multiple of 8. */
  constructor(address: number) {
    this.#address = address;
  }

  /** Adds the blob and those it points to; its address. */
  add(blob: Blob): number {
    return 'strings' in blob ? this.#addStrings(blob) : this.#addBytes(blob);
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#end);
  }

  #addBytes({ bytes, pointers }: Bytes): number {
    const at = this.#reserve(bytes.length);
    this.#buffer.set(bytes, at);
    for (const [offset, target] of pointers ?? []) this.#point(at + offset, this.add(target));
    return this.#address + at;
  }

  #addStrings({ strings }: StringArray): number {
    const text = strings.map((string) => `${checkNoNul(string)}\0`).join('');
    const bytes = Buffer.from(text);
    const ascii = bytes.length === text.length;
    let address = this.#address + this.#reserve(bytes.length);
    this.#buffer.set(bytes, address - this.#address);
    // Addresses have 32 bits: the upper words stay 0.
    const array = new Uint32Array(2 * (strings.length + 1));
    for (let i = 0; i < strings.length; i++) {
      const string = strings[i]!;
      array[2 * i] = address;
      address += (ascii ? string.length : Buffer.byteLength(string)) + 1;
    }
    return this.#addBytes({ bytes: new Uint8Array(array.buffer) });
  }

  #point(at: number, address: number): void {
    this.#buffer.writeUInt32LE(address, at);
  }

  /** Room for `size` bytes, zeroed and aligned; where it begins. */
  #reserve(size: number): number {
    const at = (this.#end + 7) & ~7;
    this.#end = at + size;
    if (this.#end > this.#buffer.length) {
      this.#buffer = Buffer.concat([this.#buffer], 2 * this.#end);
    }
    return at;
  }
}
