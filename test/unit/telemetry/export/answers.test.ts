import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { takeAnswer, watchAnswers } from '../../../../src/telemetry/export/answers.ts';
import { backoff } from '../../../../src/telemetry/export/backoff.ts';

/** Asks a server that answers so, as an exporter does. */
async function ask(path: string, headers: Record<string, string>): Promise<string> {
  const server = createServer((_, response) => response.writeHead(503, headers).end());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const [response] = await once(request(url, { method: 'POST' }).end(), 'response');
  await once(response.resume(), 'end');
  server.close();
  return url;
}

test('the last answer says when to come back', async () => {
  watchAnswers();
  const seconds = await ask('/v1/traces', { 'retry-after': '7' });
  assert.deepEqual(takeAnswer(seconds), { status: 503, retryAfter: 7000 });
  assert.equal(takeAnswer(seconds), undefined, 'once');
  const past = await ask('/v1/logs', { 'retry-after': new Date(0).toUTCString() });
  assert.equal(takeAnswer(past)?.retryAfter, 0);
  const nothing = await ask('/v1/metrics?tenant=1', {});
  assert.deepEqual(takeAnswer(nothing), { status: 503, retryAfter: undefined });
});

test('pauses grow, differ, and have an end', () => {
  assert.deepEqual(
    [0, 1, 2].map((n) => backoff(n, 1)),
    [1000, 2000, 4000],
  );
  assert.deepEqual(
    [0, 1, 2].map((n) => backoff(n, 0)),
    [500, 1000, 2000],
  );
  assert.equal(backoff(50, 1), 30_000);
});
