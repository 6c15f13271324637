import { Reader } from './reader.ts';
import { type DBusValue, splitSignature, type Variant, variant } from './values.ts';
import { Writer } from './writer.ts';

/** D-Bus specification, "Message Format": types of messages. */
export const METHOD_CALL = 1;
export const METHOD_RETURN = 2;
export const ERROR = 3;
export const SIGNAL = 4;

// Codes and types of the header's fields.
const FIELDS = {
  path: [1, 'o'],
  interface: [2, 's'],
  member: [3, 's'],
  errorName: [4, 's'],
  replySerial: [5, 'u'],
  destination: [6, 's'],
  signature: [8, 'g'],
} as const;
const FIELD_NAMES = new Map<number, string>(
  Object.entries(FIELDS).map(([name, [code]]) => [code, name]),
);

const LITTLE_ENDIAN = 0x6c;
const VERSION = 1;
/** Length of the fixed part of the header, including the length of the fields that follow. */
const FIXED = 16;

export interface Message {
  type: number;
  serial: number;
  path?: string;
  interface?: string;
  member?: string;
  errorName?: string;
  /** The serial of the call that this message answers. */
  replySerial?: number;
  /** Absent on systemd's own socket, which is no bus. */
  destination?: string | undefined;
  /** Types of the body's values, in order. */
  signature?: string;
  body: readonly DBusValue[];
}

export function encodeMessage(message: Message): Buffer {
  const { type, serial, signature = '', body } = message;
  const content = new Writer();
  content.writeAll(splitSignature(signature), body);
  const fields = Object.entries(FIELDS).flatMap(([name, [code, of]]) => {
    const value = message[name as keyof typeof FIELDS];
    return value ? [[code, variant(of, value)]] : [];
  });
  const header = new Writer();
  header.writeAll(
    [...'yyyyuu', 'a(yv)'],
    [LITTLE_ENDIAN, type, 0, VERSION, content.bytes.length, serial, fields],
  );
  header.align(8);
  return Buffer.concat([header.bytes, content.bytes]);
}

/** Length of the message at the beginning of `bytes`; undefined while too few bytes are there. */
export function messageLength(bytes: Buffer): number | undefined {
  if (bytes.length < FIXED) return undefined;
  // Both ends run on one machine, and davit runs on little-endian machines only.
  if (bytes[0] !== LITTLE_ENDIAN) throw new Error('a D-Bus message that is not little-endian');
  return bodyOffset(bytes) + bytes.readUInt32LE(4);
}

export function decodeMessage(bytes: Buffer): Message {
  const header = new Reader(bytes);
  const [, type, , , , serial, fields] = header.readAll([...'yyyyuu', 'a(yv)']);
  const message: Message = { type: type as number, serial: serial as number, body: [] };
  for (const [code, { value }] of fields as [number, Variant][]) {
    const name = FIELD_NAMES.get(code);
    if (name !== undefined) Object.assign(message, { [name]: value });
  }
  const body = new Reader(bytes.subarray(bodyOffset(bytes)));
  message.body = body.readAll(splitSignature(message.signature ?? ''));
  return message;
}

/** Where the body begins: at a multiple of 8. */
const bodyOffset = (bytes: Buffer): number => (FIXED + bytes.readUInt32LE(12) + 7) & ~7;
