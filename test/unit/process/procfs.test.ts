import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inNamespace } from '../stages/container/in-namespace.ts';

const url = new URL('./procfs.child.ts', import.meta.url).href;

test('a private procfs stays what it is when /proc is covered', () => {
  assert.deepEqual(inNamespace(url, 'covered'), {
    status: true,
    path: '/usr',
    hidden: 'ENOENT',
    pid: true,
    magic: 'EXDEV',
    above: 'EXDEV',
    ofTmpfs: 'no error',
  });
});

test('mounts over a file of /proc are refused, or are not there', () => {
  assert.deepEqual(inNamespace(url, 'overmounted'), {
    plain: 'EXDEV',
    private: 'no error',
    host: true,
  });
});

test('a user namespace without a pid namespace of its own has /proc at least', () => {
  const { magic, status } = inNamespace<Record<string, unknown>>(url, 'inUserNamespace', {
    userNamespace: true,
  });
  assert.deepEqual({ magic, status }, { magic: 'EXDEV', status: true });
});
