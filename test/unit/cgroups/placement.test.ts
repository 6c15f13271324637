import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownCgroupPath, pathBelow, requestedPath } from '../../../src/cgroups/placement.ts';

test('cgroupsPath cannot leave the hierarchy', () => {
  const place = (cgroupsPath: string | undefined) => requestedPath({ cgroupsPath, id: 'web1' });
  assert.equal(place(undefined), 'web1');
  assert.equal(place(''), 'web1');
  assert.equal(place('/a/./b//c/'), '/a/b/c');
  assert.equal(place('/../../etc'), '/etc');
  assert.equal(place('a/b'), 'a/b');
  assert.equal(place('../../../etc/a'), 'etc/a');
  assert.equal(place('system.slice:docker:1'), 'system.slice:docker:1');
});

test('a relative path is below the runtime’s own cgroup', () => {
  assert.equal(pathBelow('/', 'web1'), '/web1');
  assert.equal(pathBelow('/user/1', 'web1'), '/user/1/web1');
  assert.equal(pathBelow('/user/1', '/web1'), '/web1');
});

test('the own cgroup’s path is relative to the mount', () => {
  assert.equal(ownCgroupPath('/', '/user/1'), '/user/1');
  assert.equal(ownCgroupPath('/docker/abc', '/docker/abc/x'), '/x');
  assert.equal(ownCgroupPath('/docker/abc', '/docker/abc'), '/');
  assert.equal(ownCgroupPath('/docker/abc', '/elsewhere'), '/');
});
