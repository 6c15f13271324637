import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signalNumber } from '../../../../src/cli/values/signal-number.ts';

test('numbers and names, with or without SIG, in any case', () => {
  for (const text of ['9', '+9', 'KILL', 'SIGKILL', 'kill', 'sigkill']) {
    assert.equal(signalNumber(text), 9, text);
  }
  assert.equal(signalNumber('SIGTERM'), 15);
  assert.equal(signalNumber('winch'), 28);
  assert.equal(signalNumber('0'), 0);
  for (const [text, number] of [
    ['RTMIN', 34],
    ['SIGRTMIN+1', 35],
    ['rtmin+30', 64],
    ['rtmax-1', 63],
    ['SIGRTMAX', 64],
  ] as const) {
    assert.equal(signalNumber(text), number, text);
  }
});

test('an error names an unknown signal', () => {
  for (const text of [
    'NOPE',
    '',
    '9x',
    'SIG',
    'toString',
    'RTMIN+31',
    'RTMIN-1',
    'RTMAX+0',
    'RTMAX-31',
    'RT',
  ]) {
    assert.throws(() => signalNumber(text), { message: `unknown signal "${text}"` });
  }
});
