import { createServer, type Server, type Socket } from 'node:net';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { RequestSchema, ResponseSchema } from '../protocol/ttrpc_pb.ts';
import { encodeFrame, FRAME, type Frame, FrameReader, MAX_MESSAGE } from './frame.ts';
import { CODE, StatusError } from './status.ts';

/** What a client asks for. */
export interface Call {
  service: string;
  method: string;
  payload: Uint8Array;
  /** As HTTP's headers: `traceparent`. */
  metadata: ReadonlyMap<string, string>;
}

/** Answers a call with the payload of its response. Rejects with a {@link StatusError}. */
export type Handler = (call: Call) => Promise<Uint8Array>;

/**
 * A server of ttrpc, which does not listen yet. Calls run side by side. `onConnections` gets the
 * number of connections whenever it changes.
 */
export function ttrpcServer(handler: Handler, onConnections: (count: number) => void): Server {
  let connections = 0;
  return createServer((socket) => {
    onConnections(++connections);
    socket.on('close', () => onConnections(--connections));
    // The close follows.
    socket.on('error', () => {});
    serve(socket, handler);
  });
}

function serve(socket: Socket, handler: Handler): void {
  const reader = new FrameReader();
  socket.on('data', (bytes: Buffer) => {
    for (const frame of reader.push(bytes)) void answer(socket, frame, handler);
  });
}

async function answer(socket: Socket, frame: Frame, handler: Handler): Promise<void> {
  const response = encodeFrame(frame.stream, FRAME.response, await responseTo(frame, handler));
  if (socket.writable) socket.write(response);
}

async function responseTo({ type, message }: Frame, handler: Handler): Promise<Uint8Array> {
  try {
    if (!message) {
      throw new StatusError(CODE.resourceExhausted, `a message of at most ${MAX_MESSAGE} bytes`);
    }
    if (type !== FRAME.request) {
      throw new StatusError(CODE.invalidArgument, `a frame of type ${type}: expected a request`);
    }
    const payload = await handler(callIn(message));
    return toBinary(ResponseSchema, create(ResponseSchema, { payload }));
  } catch (error) {
    const { message } = error as Error;
    const code = error instanceof StatusError ? error.code : CODE.unknown;
    return toBinary(ResponseSchema, create(ResponseSchema, { status: { code, message } }));
  }
}

function callIn(message: Uint8Array): Call {
  const { service, method, payload, metadata } = readRequest(message);
  return {
    service,
    method,
    payload,
    metadata: new Map(metadata.map(({ key, value }) => [key, value])),
  };
}

function readRequest(message: Uint8Array) {
  try {
    return fromBinary(RequestSchema, message);
  } catch (cause) {
    throw new StatusError(CODE.invalidArgument, 'no request of ttrpc', { cause });
  }
}
