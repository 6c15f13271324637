import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { commonAncestor, mayMove } from '../../../src/cgroups/may-move.ts';

test('the common ancestor of two cgroups', () => {
  const cases = [
    ['/', '/a', '/'],
    ['/a/b', '/a/c/d', '/a'],
    ['/a', '/a/b', '/a'],
    ['/a/b', '/a/b', '/a/b'],
    ['/ab', '/a', '/'],
  ] as const;
  for (const [one, other, expected] of cases) assert.equal(commonAncestor(one, other), expected);
});

test('a move needs cgroup.procs of the target and of the common ancestor', () => {
  const mountpoint = mkdtempSync(join(tmpdir(), 'davit-move-'));
  try {
    for (const place of ['', 'user', 'user/a', 'user/b']) {
      mkdirSync(join(mountpoint, place), { recursive: true });
      if (place) writeFileSync(join(mountpoint, place, 'cgroup.procs'), '');
    }
    assert.equal(mayMove({ mountpoint, from: '/user/a', to: '/user/b' }), true);
    assert.equal(mayMove({ mountpoint, from: '/', to: '/user/b' }), false);
    rmSync(join(mountpoint, 'user/b/cgroup.procs'));
    assert.equal(mayMove({ mountpoint, from: '/user/a', to: '/user/b' }), false);
  } finally {
    rmSync(mountpoint, { recursive: true });
  }
});
