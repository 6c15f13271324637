/** struct rtattr (linux/rtnetlink.h): length, type, the value, padding to four bytes. */
export function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + ((value.length + 3) & ~3));
  bytes.writeUInt16LE(4 + value.length, 0);
  bytes.writeUInt16LE(type, 2);
  value.copy(bytes, 4);
  return bytes;
}

export function uint32Attribute(type: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value, 0);
  return attribute(type, bytes);
}

/** A NUL-terminated string. */
export const stringAttribute = (type: number, value: string): Buffer =>
  attribute(type, Buffer.from(`${value}\0`));

/** The attributes that follow a message's fixed part, by type. */
export function readAttributes(payload: Buffer, from: number): Map<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  for (let at = from; at + 4 <= payload.length; ) {
    const length = payload.readUInt16LE(at);
    if (length < 4) break;
    attributes.set(payload.readUInt16LE(at + 2), payload.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return attributes;
}
