import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { decode, encode, type Fields } from './protobuf.ts';

/**
 * Calls one method of runtime.v1.RuntimeService, as kubelet does (cri-api, runtime/v1/api.proto).
 */
export async function callCri(socket: string, method: string, request: Fields) {
  const session = connectHttp2('http://localhost', { createConnection: () => connect(socket) });
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': `/runtime.v1.RuntimeService/${method}`,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const message = encode(request);
    const header = Buffer.alloc(5);
    header.writeUInt32BE(message.length, 1);
    const status = new Promise<string>((resolve) => {
      for (const event of ['response', 'trailers'] as const) {
        stream.on(event, (headers) => {
          if (headers['grpc-status'] === undefined) return;
          resolve(`${headers['grpc-status']}: ${headers['grpc-message'] ?? ''}`);
        });
      }
    });
    stream.end(Buffer.concat([header, message]));
    const answer = Buffer.concat(await stream.toArray());
    const ended = await status;
    if (!ended.startsWith('0:')) throw new Error(`${method}: ${decodeURIComponent(ended)}`);
    return decode(answer.subarray(5));
  } finally {
    session.close();
  }
}
