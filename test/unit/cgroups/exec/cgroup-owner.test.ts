import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cgroupOwner } from '../../../../src/cgroups/exec/cgroup-owner.ts';
import type { Spec } from '../../../../src/config/types.ts';

const spec = (options: string[], types: string[], uid = 0) =>
  ({
    ociVersion: '1.3.0',
    process: { user: { uid, gid: 0 } },
    mounts: [{ destination: '/sys/fs/cgroup/', type: 'cgroup', source: 'cgroup', options }],
    linux: {
      namespaces: types.map((type) => ({ type })),
      uidMappings: [{ containerID: 0, hostID: 100_000, size: 1000 }],
    },
  }) as unknown as Spec;

test('a container with a writable cgroup in its own cgroup namespace owns it', () => {
  assert.equal(cgroupOwner(spec(['rw'], ['cgroup', 'user'], 5)), 100_005);
  assert.equal(cgroupOwner(spec([], ['cgroup'], 5)), 5);
});

test('other containers do not own their cgroup', () => {
  assert.equal(cgroupOwner(spec(['ro'], ['cgroup', 'user'])), undefined);
  assert.equal(cgroupOwner(spec(['rw'], ['user'])), undefined);
  assert.equal(cgroupOwner(spec(['rw'], ['cgroup', 'user'], 1000)), undefined);
  assert.equal(cgroupOwner({ ociVersion: '1.3.0' }), undefined);
});
