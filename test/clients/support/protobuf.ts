/**
 * A protobuf message by field number: each value is text, an integer, a message or a list of them.
 */
export interface Fields {
  [number: number]: Value | Value[];
}
type Value = string | number | Fields;

/** Encodes a message (protobuf.dev, Encoding), as far as CRI messages need it. */
export function encode(fields: Fields): Buffer {
  const parts = Object.entries(fields).flatMap(([number, value]) =>
    [value].flat().map((one) => encodeField(Number(number), one)),
  );
  return Buffer.concat(parts);
}

function encodeField(number: number, value: Value): Buffer {
  if (typeof value === 'number') return Buffer.from([...varint(number << 3), ...varint(value)]);
  const bytes = typeof value === 'string' ? Buffer.from(value) : encode(value);
  return Buffer.concat([
    Buffer.from([...varint((number << 3) | 2), ...varint(bytes.length)]),
    bytes,
  ]);
}

function varint(value: number): number[] {
  const low = value % 128;
  return value < 128 ? [value] : [low | 128, ...varint((value - low) / 128)];
}

/**
 * Decodes a message into the last value of each field: integers as numbers, everything else as
 * bytes.
 */
export function decode(message: Buffer): Record<number, number | Buffer> {
  const fields: Record<number, number | Buffer> = {};
  let at = 0;
  const next = (): number => {
    const byte = message[at++]!;
    return byte < 128 ? byte : (byte & 127) + 128 * next();
  };
  while (at < message.length) {
    const tag = next();
    const value = next();
    if ((tag & 7) === 0) fields[tag >> 3] = value;
    else if ((tag & 7) === 2) {
      fields[tag >> 3] = message.subarray(at, at + value);
      at += value;
    } else throw new Error(`wire type ${tag & 7}`);
  }
  return fields;
}
