import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type StatusObject,
  type sendUnaryData,
} from '@grpc/grpc-js';
import generated from 'otlp-protobuf/build/src/generated/root.js';

/*
 * A backend for OTLP over HTTP/1 and, as gRPC, over HTTP/2. It decodes requests with code that
 * protobufjs generated from opentelemetry-proto's own files.
 */

export type Signal = 'traces' | 'metrics' | 'logs';

/** A message by field name. */
export type Item = Record<string, unknown>;

/** One request, in protobuf's JSON mapping with hexadecimal ids. */
export interface Received {
  signal: Signal;
  /** The request's path; HTTP only. */
  url?: string;
  body: Item;
  headers: Record<string, unknown>;
}

/** An answer. A gRPC backend takes `status` as its own code: 0 is success. */
export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  /** The response message: `{ partialSuccess: … }`. */
  message?: object;
  /** Sent as the body in place of a message; HTTP only. */
  body?: Buffer;
  /** Never answers. */
  silent?: boolean;
}

const SERVICES = { traces: 'Trace', metrics: 'Metrics', logs: 'Logs' } as const;

export class OtlpReceiver implements AsyncDisposable {
  readonly received: Received[] = [];
  /** Chooses the answer to each request. Default: 200 with an empty message. */
  answer: (received: Received) => Answer = () => ({});
  readonly #http = createServer((request, response) => void this.#handle(request, response));
  readonly #grpc = new Server();

  /** Listens on two free ports, or for HTTP on `port`. */
  static async listen(port = 0): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    const { promise, resolve } = Promise.withResolvers<void>();
    receiver.#http.listen(port, '127.0.0.1', resolve);
    await promise;
    await receiver.#listenToGrpc();
    return receiver;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  grpcPort = 0;

  /** All received spans, metrics or log records. */
  items(signal: Signal): Item[] {
    const names = {
      traces: ['resourceSpans', 'scopeSpans', 'spans'],
      metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
      logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
    }[signal];
    const bodies = this.received.filter((one) => one.signal === signal).map(({ body }) => body);
    return names.reduce(
      (found: Item[], name) => found.flatMap((one) => (one[name] ?? []) as Item[]),
      bodies,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#grpc.forceShutdown();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url!;
    const signal = new URL(url, 'http://localhost').pathname.replace('/v1/', '') as Signal;
    const { 'content-type': type = '', 'content-encoding': encoding } = request.headers;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const bytes = encoding === 'gzip' ? gunzipSync(Buffer.concat(chunks)) : Buffer.concat(chunks);
    const isJson = type === 'application/json';
    const body = isJson ? JSON.parse(bytes.toString()) : decode(signal, bytes);
    const received = { signal, url, body, headers: request.headers };
    this.received.push(received);
    const { status = 200, headers, message = {}, silent, ...answer } = this.answer(received);
    if (silent) return;
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(answer.body ?? (isJson ? JSON.stringify(message) : encode(signal, message)));
  }

  async #listenToGrpc(): Promise<void> {
    for (const signal of Object.keys(SERVICES) as Signal[]) {
      const name = SERVICES[signal];
      const path = `/opentelemetry.proto.collector.${name.toLowerCase()}.v1.${name}Service/Export`;
      const bytes = (value: Buffer): Buffer => value;
      const method = { path, requestStream: false, responseStream: false } as const;
      const codec = {
        requestSerialize: bytes,
        requestDeserialize: bytes,
        responseSerialize: bytes,
      };
      this.#grpc.addService(
        { Export: { ...method, ...codec, responseDeserialize: bytes } },
        {
          Export: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) =>
            this.#call(signal, call, done),
        },
      );
    }
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_, port) =>
      resolve(port),
    );
    this.grpcPort = await promise;
  }

  #call(
    signal: Signal,
    { request, metadata }: ServerUnaryCall<Buffer, Buffer>,
    done: sendUnaryData<Buffer>,
  ): void {
    const received = {
      ...{ signal, body: decode(signal, request) },
      headers: metadata.getMap(),
    };
    this.received.push(received);
    const { status = 0, message = {}, silent } = this.answer(received);
    if (silent) return;
    if (status === 0) done(null, Buffer.from(encode(signal, message)));
    else done({ code: status, details: 'as the test says' } as Partial<StatusObject>);
  }
}

/** A message type in protobufjs's generated code, whose own types say less. */
interface Message {
  decode(bytes: Uint8Array): object;
  encode(message: object): { finish(): Uint8Array };
  fromObject(fields: object): object;
  toObject(message: object, options: object): Item;
}

function messageOf(signal: Signal, kind: 'Request' | 'Response'): Message {
  const name = SERVICES[signal];
  const path = ['opentelemetry', 'proto', 'collector', name.toLowerCase(), 'v1'];
  const found = [...path, `Export${name}Service${kind}`].reduce(
    (within: Item, part) => within[part] as Item,
    generated as unknown as Item,
  );
  return found as unknown as Message;
}

function decode(signal: Signal, bytes: Uint8Array): Item {
  const request = messageOf(signal, 'Request');
  const decoded = request.toObject(request.decode(bytes), { longs: String });
  return JSON.parse(JSON.stringify(decoded, hexadecimal));
}

function encode(signal: Signal, message: object): Uint8Array {
  const response = messageOf(signal, 'Response');
  return response.encode(response.fromObject(message)).finish();
}

/**
 * Of OTLP's messages only ids are bytes. JSON.stringify has made an object of each Buffer by then.
 */
function hexadecimal(_: string, value: unknown): unknown {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: number[] };
  return type === 'Buffer' && Array.isArray(data) ? Buffer.from(data).toString('hex') : value;
}
