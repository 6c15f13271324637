import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argsToTell } from '../../../../src/cli/output/args-to-tell.ts';

test('of the variables for a program, the names alone are told', () => {
  for (const flag of ['-e', '--env']) {
    const args = ['exec', flag, 'SECRET=a=b', 'web1', 'env'];
    assert.deepEqual(argsToTell(args), ['exec', flag, 'SECRET=…', 'web1', 'env']);
    assert.deepEqual(argsToTell([`${flag}=SECRET=x`]), [`${flag}=SECRET=…`]);
  }
  assert.deepEqual(argsToTell(['-e', 'NAME']), ['-e', 'NAME']);
});

test('all else is told as it is', () => {
  const args = ['--root=/x', 'exec', '-t', '--cwd', '/a=b', 'web1', 'sh', '-c', 'A=1 env', '-x=y'];
  assert.deepEqual(argsToTell(args), args);
});
