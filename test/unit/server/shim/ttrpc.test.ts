import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { TtrpcClient } from '../../../../src/server/shim/ttrpc/client.ts';
import { encodeFrame, FRAME, FrameReader } from '../../../../src/server/shim/ttrpc/frame.ts';
import { type Handler, ttrpcServer } from '../../../../src/server/shim/ttrpc/server.ts';
import { CODE, StatusError } from '../../../../src/server/shim/ttrpc/status.ts';

async function serve(t: TestContext, handler: Handler): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'ttrpc-'));
  const path = join(directory, 'sock');
  const server = ttrpcServer(handler, () => {});
  // Clients stay connected: close their connections.
  server.on('connection', (socket) => t.after(() => socket.destroy()));
  server.listen(path);
  await once(server, 'listening');
  t.after(() => {
    server.close();
    rmSync(directory, { recursive: true });
  });
  return path;
}

/** Sends raw bytes. Returns the text of the answer. */
async function raw(path: string, bytes: Buffer): Promise<string> {
  const socket = connect(path);
  socket.write(bytes);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return String(new FrameReader().push(answer)[0]?.message);
}

test('calls are answered concurrently', async (t) => {
  const last = Promise.withResolvers<void>();
  const path = await serve(t, async ({ method, payload }) => {
    if (method === 'Wait') await last.promise;
    else last.resolve();
    return Buffer.concat([payload, Buffer.from(method)]);
  });
  const client = new TtrpcClient(path);
  const call = (method: string) => client.call('a.Service', method, Buffer.from('> '));
  const answers = await Promise.all([call('Wait'), call('Go')]);
  assert.deepEqual(
    answers.map(String),
    ['> Wait', '> Go'].map((text) => Buffer.from(text)).map(String),
  );
});

test('a failure has a code and a message', async (t) => {
  const path = await serve(t, async ({ method }) => {
    throw method === 'Bug' ? new Error('no luck') : new StatusError(CODE.notFound, 'not here');
  });
  const client = new TtrpcClient(path);
  const call = (method: string) => client.call('a.Service', method, new Uint8Array());
  await assert.rejects(call('Get'), { code: CODE.notFound, message: 'not here' });
  await assert.rejects(call('Bug'), { code: CODE.unknown, message: 'no luck' });
});

test('a message that is no request is refused, and the server continues', async (t) => {
  const path = await serve(t, async () => Buffer.from('answer'));
  assert.match(await raw(path, encodeFrame(1, FRAME.request, Buffer.from([0xff]))), /no request/);
  assert.match(await raw(path, encodeFrame(1, 9, Buffer.alloc(0))), /a frame of type 9/);
  const client = new TtrpcClient(path);
  const answer = await client.call('a.Service', 'Get', new Uint8Array());
  assert.equal(Buffer.from(answer).toString(), 'answer');
});

test('a lost connection fails its calls, and the next call connects again', async (t) => {
  const path = await serve(t, async () => Buffer.from('answer'));
  const client = new TtrpcClient(`${path}.absent`);
  const call = () => client.call('a.Service', 'Get', new Uint8Array());
  await assert.rejects(call(), { code: 'ENOENT' });
  symlinkSync(path, `${path}.absent`);
  assert.equal(Buffer.from(await call()).toString(), 'answer');
});
