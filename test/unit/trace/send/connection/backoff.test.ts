import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff } from '../../../../../src/trace/send/connection/backoff.ts';

test('pauses grow, vary at random, and have a maximum', () => {
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
