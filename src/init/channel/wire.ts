import { errorFromData, errorToData } from '../../errors/error-data.ts';
import {
  BORN,
  type InitMessage,
  MAX_PACKET,
  REPORT_SIZE,
  type RuntimeMessage,
  type TrampolineReport,
} from './protocol.ts';

/** The lengths to which the texts of errors are cut, one after the other, until a packet fits. */
const TEXT_LENGTHS = [Number.POSITIVE_INFINITY, 4096, 512, 64];

/** A packet that another process of davit reads: JSON, with times as strings and errors as data. */
export function toPacket(content: object): Buffer {
  let packet = Buffer.alloc(0);
  for (const length of TEXT_LENGTHS) {
    const toPlain = (key: string, value: unknown) => {
      if (key === 'error') return value === undefined ? undefined : errorToData(value, length);
      return typeof value === 'bigint' ? String(value) : value;
    };
    packet = Buffer.from(JSON.stringify(content, toPlain));
    if (packet.length <= MAX_PACKET) break;
  }
  return packet;
}

/** The content that {@link toPacket} was given. */
export const fromPacket = <Content>(packet: Buffer): Content =>
  fromPlain(JSON.parse(packet.toString())) as Content;

/** A reviver of JSON.parse takes several times as long. */
function fromPlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const object = value as Record<string, unknown>;
  for (const key of Object.keys(object)) {
    const plain = object[key];
    if (key === 'begin' || key === 'end') object[key] = BigInt(plain as string);
    else if (key === 'error') object[key] = errorFromData(plain);
    else fromPlain(plain);
  }
  return value;
}

/** What init, or machine code in its place, has sent to the runtime. */
export const decodeInitMessage = (packet: Buffer): InitMessage | TrampolineReport =>
  packet.length === REPORT_SIZE ? decodeReport(packet) : fromPacket<InitMessage>(packet);

/** What the runtime has sent to init. */
export const decodeRuntimeMessage = (packet: Buffer): RuntimeMessage => fromPacket(packet);

/** A report as machine code writes it; init also writes one, where a filter stops other calls. */
export function encodeReport(call: number, result: number): Buffer {
  const bytes = Buffer.alloc(REPORT_SIZE);
  bytes.writeInt32LE(call, 0);
  bytes.writeInt32LE(-result, 4);
  return bytes;
}

export function decodeReport(bytes: Buffer): TrampolineReport {
  const call = bytes.readInt32LE(0);
  const errno = bytes.readInt32LE(4);
  if (errno > 0) return { type: 'exec-failure', call, errno };
  return call === BORN ? { type: 'born', pid: -errno } : { type: 'seccomp-listener', fd: -errno };
}
