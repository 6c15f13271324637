import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withinLimit } from '../../../../src/plugins/call/within-limit.ts';
import { patience } from '../../../support/patience.ts';

const limit = { plugin: 'p', what: 'before exec', timeout: patience(1000) };

test('returns the function’s result, or its promise’s', async () => {
  assert.equal(await withinLimit(limit, () => 1), 1);
  assert.equal(await withinLimit(limit, async () => 2), 2);
});

test('an error names the plugin, and keeps errno', async () => {
  const cause = Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write' });
  const expected = { message: 'plugin p: before exec: no space', code: 'ENOSPC', syscall: 'write' };
  await assert.rejects(
    withinLimit(limit, () => Promise.reject(cause)),
    expected,
  );
  const thrown = () => {
    throw cause;
  };
  await assert.rejects(withinLimit(limit, thrown), expected);
  const text = { message: 'plugin p: before exec: just no' };
  await assert.rejects(
    withinLimit(limit, () => Promise.reject('just no')),
    text,
  );
});

test('a function that exceeds its limit is named, and its signal is aborted', async () => {
  let signal: AbortSignal | undefined;
  const never = (given: AbortSignal) => {
    signal = given;
    return new Promise(() => {});
  };
  await assert.rejects(withinLimit({ ...limit, timeout: 20 }, never), {
    message: 'plugin p: before exec: no answer within 20 ms',
  });
  assert.equal(signal!.aborted, true);
});
