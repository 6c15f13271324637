import { alignmentOf, type DBusValue, fieldTypes, variant } from './values.ts';

type Read = (bytes: Buffer, at: number) => DBusValue;

const NUMBERS: Readonly<Record<string, Read>> = {
  y: (bytes, at) => bytes.readUInt8(at),
  n: (bytes, at) => bytes.readInt16LE(at),
  q: (bytes, at) => bytes.readUInt16LE(at),
  i: (bytes, at) => bytes.readInt32LE(at),
  u: (bytes, at) => bytes.readUInt32LE(at),
  h: (bytes, at) => bytes.readUInt32LE(at),
  b: (bytes, at) => bytes.readUInt32LE(at) !== 0,
  x: (bytes, at) => bytes.readBigInt64LE(at),
  t: (bytes, at) => bytes.readBigUInt64LE(at),
  d: (bytes, at) => bytes.readDoubleLE(at),
};

/** Reads values from bytes in the format that {@link Writer} writes. */
export class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  align(boundary: number): void {
    this.#take((boundary - (this.#at % boundary)) % boundary);
  }

  /** One value of a complete type. */
  read(type: string): DBusValue {
    this.align(alignmentOf(type));
    const number = NUMBERS[type];
    if (number) return number(this.#bytes, this.#take(alignmentOf(type)));
    if (type === 's' || type === 'o') return this.#text(this.read('u') as number);
    if (type === 'g') return this.#text(this.read('y') as number);
    if (type === 'v') {
      const signature = this.read('g') as string;
      return variant(signature, this.read(signature));
    }
    return type[0] === 'a' ? this.#array(type.slice(1)) : this.readAll(fieldTypes(type));
  }

  readAll(types: readonly string[]): DBusValue[] {
    return types.map((type) => this.read(type));
  }

  #array(type: string): DBusValue[] {
    const length = this.read('u') as number;
    this.align(alignmentOf(type));
    const end = this.#at + length;
    const elements: DBusValue[] = [];
    while (this.#at < end) elements.push(this.read(type));
    return elements;
  }

  /** A NUL follows the text; `length` does not count it. */
  #text(length: number): string {
    const at = this.#take(length + 1);
    return this.#bytes.toString('utf8', at, at + length);
  }

  #take(count: number): number {
    const at = this.#at;
    this.#at += count;
    return at;
  }
}
