import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactArgs } from '../../../../src/cli/output/redact-args.ts';

test('of a program’s variables, only the names are kept', () => {
  for (const flag of ['-e', '--env']) {
    const args = ['exec', flag, 'SECRET=a=b', 'web1', 'env'];
    assert.deepEqual(redactArgs(args), ['exec', flag, 'SECRET=…', 'web1', 'env']);
    assert.deepEqual(redactArgs([`${flag}=SECRET=x`]), [`${flag}=SECRET=…`]);
  }
  assert.deepEqual(redactArgs(['-e', 'NAME']), ['-e', 'NAME']);
});

test('everything else is kept', () => {
  const args = ['--root=/x', 'exec', '-t', '--cwd', '/a=b', 'web1', 'sh', '-c', 'A=1 env', '-x=y'];
  assert.deepEqual(redactArgs(args), args);
});
