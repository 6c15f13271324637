import { connect, type Socket } from 'node:net';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { RequestSchema, ResponseSchema } from '../protocol/ttrpc_pb.ts';
import { encodeFrame, FRAME, type Frame, FrameReader } from './frame.ts';
import { StatusError } from './status.ts';

type Waiting = PromiseWithResolvers<Uint8Array>;

/** A client of ttrpc. Connects at the first call, and again after the connection was lost. */
export class TtrpcClient {
  readonly #path: string;
  #socket: Socket | undefined;
  #lastStream = -1;
  readonly #waiting = new Map<number, Waiting>();

  /** `path` is that of an AF_UNIX socket. */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Calls a method. Resolves with the payload of the response. Rejects with a {@link StatusError},
   * or with the error of the connection.
   */
  call(service: string, method: string, payload: Uint8Array): Promise<Uint8Array> {
    const socket = this.#connected();
    // The streams of a client have odd numbers.
    this.#lastStream += 2;
    const waiting = Promise.withResolvers<Uint8Array>();
    this.#waiting.set(this.#lastStream, waiting);
    const request = create(RequestSchema, { service, method, payload });
    const message = toBinary(RequestSchema, request);
    socket.write(encodeFrame(this.#lastStream, FRAME.request, message));
    return waiting.promise;
  }

  #connected(): Socket {
    this.#socket ??= this.#connect();
    return this.#socket;
  }

  #connect(): Socket {
    const socket = connect(this.#path);
    // A client waits for nothing but its calls.
    socket.unref();
    const reader = new FrameReader();
    let failure: Error | undefined;
    socket.on('data', (bytes: Buffer) => {
      for (const frame of reader.push(bytes)) this.#settle(frame);
    });
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('close', () => this.#lose(failure ?? new Error(`${this.#path} was closed`)));
    return socket;
  }

  #settle({ stream, message }: Frame): void {
    const waiting = this.#waiting.get(stream);
    if (!waiting) return;
    this.#waiting.delete(stream);
    try {
      const { status, payload } = fromBinary(ResponseSchema, message ?? new Uint8Array());
      if (status && status.code !== 0) waiting.reject(new StatusError(status.code, status.message));
      else waiting.resolve(payload);
    } catch (error) {
      waiting.reject(error);
    }
  }

  #lose(error: Error): void {
    this.#socket = undefined;
    this.#lastStream = -1;
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of lost) reject(error);
  }
}
