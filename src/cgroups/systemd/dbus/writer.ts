import { alignmentOf, type DBusValue, fieldTypes, splitSignature, type Variant } from './values.ts';

type Write = (bytes: Buffer, at: number, value: DBusValue) => void;

/** Types of fixed size, which is also their alignment. */
const NUMBERS: Readonly<Record<string, Write>> = {
  y: (bytes, at, value) => bytes.writeUInt8(Number(value), at),
  n: (bytes, at, value) => bytes.writeInt16LE(Number(value), at),
  q: (bytes, at, value) => bytes.writeUInt16LE(Number(value), at),
  i: (bytes, at, value) => bytes.writeInt32LE(Number(value), at),
  u: (bytes, at, value) => bytes.writeUInt32LE(Number(value), at),
  b: (bytes, at, value) => bytes.writeUInt32LE(Number(value), at),
  x: (bytes, at, value) => bytes.writeBigInt64LE(BigInt(value as bigint), at),
  t: (bytes, at, value) => bytes.writeBigUInt64LE(BigInt(value as bigint), at),
  d: (bytes, at, value) => bytes.writeDoubleLE(Number(value), at),
};

/** Writes values as bytes: D-Bus specification, "Marshaling (Wire Format)", little-endian. */
export class Writer {
  #bytes = Buffer.alloc(512);
  #length = 0;

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  align(boundary: number): void {
    this.#grow((boundary - (this.#length % boundary)) % boundary);
  }

  /** One value of a complete type. */
  write(type: string, value: DBusValue): void {
    this.align(alignmentOf(type));
    const number = NUMBERS[type];
    if (number) this.#number(number, alignmentOf(type), value);
    else if (type === 's' || type === 'o') this.#string(String(value));
    else if (type === 'g') this.#signature(String(value));
    else if (type === 'v') this.#variant(value as Variant);
    else if (type[0] === 'a') this.#array(type.slice(1), value as readonly DBusValue[]);
    else this.writeAll(fieldTypes(type), value as readonly DBusValue[]);
  }

  writeAll(types: readonly string[], values: readonly DBusValue[]): void {
    if (types.length !== values.length) throw new Error(`${types.length} D-Bus values expected`);
    for (const [index, type] of types.entries()) this.write(type, values[index]!);
  }

  #number(write: Write, size: number, value: DBusValue): void {
    const at = this.#grow(size);
    write(this.#bytes, at, value);
  }

  #string(text: string): void {
    const bytes = Buffer.from(text);
    this.write('u', bytes.length);
    const at = this.#grow(bytes.length + 1);
    bytes.copy(this.#bytes, at);
  }

  #signature(signature: string): void {
    this.write('y', signature.length);
    const at = this.#grow(signature.length + 1);
    this.#bytes.write(signature, at, 'latin1');
  }

  #variant({ signature, value }: Variant): void {
    if (splitSignature(signature).length !== 1) throw new Error('a variant has one complete type');
    this.#signature(signature);
    this.write(signature, value);
  }

  /** The array's length counts neither itself nor the padding before the first element. */
  #array(type: string, elements: readonly DBusValue[]): void {
    const length = this.#grow(4);
    this.align(alignmentOf(type));
    const begin = this.#length;
    for (const element of elements) this.write(type, element);
    this.#bytes.writeUInt32LE(this.#length - begin, length);
  }

  /** Appends `count` zeros and returns their offset. */
  #grow(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.alloc(2 * this.#length);
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    return at;
  }
}
