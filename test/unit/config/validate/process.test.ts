import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateProcess } from '../../../../src/config/validate/process.ts';

test('a process is validated by itself, with paths that begin with process', () => {
  const process = { user: { uid: -1, gid: 0 }, args: ['sh'], cwd: '/', env: ['A'] };
  assert.deepEqual(
    validateProcess(process).map(({ path }) => path),
    ['process.user.uid', 'process.env[0]'],
  );
  assert.deepEqual(validateProcess({ args: ['sh'], cwd: '/' }), []);
  assert.deepEqual(validateProcess([]), [{ path: 'process', value: [], expected: 'an object' }]);
});
