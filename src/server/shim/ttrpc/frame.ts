/** The bytes before a message: its length, its stream, its type and its flags. */
export const HEADER_SIZE = 10;
/** The longest message that ttrpc allows, in bytes. */
export const MAX_MESSAGE = 4 << 20;

/** The type of a frame. */
export const FRAME = { request: 1, response: 2 } as const;

/** One message of ttrpc. A response has the stream of its request. */
export interface Frame {
  stream: number;
  /** One of {@link FRAME}, or a type that this shim does not know. */
  type: number;
  /** Undefined for a message that is longer than {@link MAX_MESSAGE}: it was skipped. */
  message: Buffer | undefined;
}

/** Throws RangeError for a message that is longer than {@link MAX_MESSAGE}. */
export function encodeFrame(stream: number, type: number, message: Uint8Array): Buffer {
  if (message.length > MAX_MESSAGE) {
    throw new RangeError(
      `a message of ${message.length} bytes: at most ${MAX_MESSAGE} are allowed`,
    );
  }
  const frame = Buffer.allocUnsafe(HEADER_SIZE + message.length);
  frame.writeUInt32BE(message.length, 0);
  frame.writeUInt32BE(stream, 4);
  frame.writeUInt8(type, 8);
  frame.writeUInt8(0, 9);
  frame.set(message, HEADER_SIZE);
  return frame;
}

/** Finds the frames in the bytes of a connection. */
export class FrameReader {
  #bytes: Buffer = Buffer.alloc(0);
  /** The bytes of a message that is too long, which are still to come. */
  #toSkip = 0;

  /** Takes the next bytes. Returns the frames that they complete. */
  push(bytes: Buffer): Frame[] {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    this.#skip();
    if (this.#bytes.length < HEADER_SIZE) return undefined;
    const length = this.#bytes.readUInt32BE(0);
    const head = { stream: this.#bytes.readUInt32BE(4), type: this.#bytes.readUInt8(8) };
    if (length > MAX_MESSAGE) {
      this.#take(HEADER_SIZE);
      this.#toSkip = length;
      return { ...head, message: undefined };
    }
    if (this.#bytes.length < HEADER_SIZE + length) return undefined;
    return { ...head, message: this.#take(HEADER_SIZE + length).subarray(HEADER_SIZE) };
  }

  #skip(): void {
    const skipped = Math.min(this.#toSkip, this.#bytes.length);
    this.#take(skipped);
    this.#toSkip -= skipped;
  }

  #take(length: number): Buffer {
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }
}
