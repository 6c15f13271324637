import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { inNamespace } from '../stages/in-namespace.ts';

const options = { skip: needsRoot };

const url = new URL('../process/procfs.child.ts', import.meta.url).href;

test('a private procfs is unaffected when /proc is covered', options, () => {
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

test('mounts over a file of /proc are refused, or not visible', options, () => {
  assert.deepEqual(inNamespace(url, 'overmounted'), {
    plain: 'EXDEV',
    private: 'no error',
    host: true,
  });
});

test('the same without openat2', options, () => {
  assert.deepEqual(inNamespace(url, 'overmountedOnOldKernel'), {
    plain: 'EXDEV',
    private: 'no error',
    host: true,
    link: 'EXDEV',
    own: true,
  });
});

test('a user namespace without a new pid namespace uses the existing /proc', options, () => {
  const { magic, status } = inNamespace<Record<string, unknown>>(url, 'inUserNamespace', {
    userNamespace: true,
  });
  assert.deepEqual({ magic, status }, { magic: 'EXDEV', status: true });
});
