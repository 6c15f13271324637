import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactArgs } from '../../../../src/cli/output/redact-args.ts';

test('of the variables for a program, the names alone are told', () => {
  for (const flag of ['-e', '--env']) {
    const args = ['exec', flag, 'SECRET=a=b', 'web1', 'env'];
    assert.deepEqual(redactArgs(args), ['exec', flag, 'SECRET=…', 'web1', 'env']);
    assert.deepEqual(redactArgs([`${flag}=SECRET=x`]), [`${flag}=SECRET=…`]);
  }
  assert.deepEqual(redactArgs(['-e', 'NAME']), ['-e', 'NAME']);
});

test('all else is told as it is', () => {
  const args = ['--root=/x', 'exec', '-t', '--cwd', '/a=b', 'web1', 'sh', '-c', 'A=1 env', '-x=y'];
  assert.deepEqual(redactArgs(args), args);
});
