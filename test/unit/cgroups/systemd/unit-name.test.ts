import assert from 'node:assert/strict';
import { test } from 'node:test';
import { busLabel } from '../../../../src/cgroups/systemd/manager.ts';
import { expandSlice, unitNameOf } from '../../../../src/cgroups/systemd/unit-name.ts';

const named = (cgroupsPath?: string, user = false) => {
  const { slice, unit } = unitNameOf({ cgroupsPath, id: 'web1', user });
  return `${slice} ${unit}`;
};

test('units have the same names as under runc', () => {
  assert.equal(named(), 'system.slice runc-web1.scope');
  assert.equal(named(undefined, true), 'user.slice runc-web1.scope');
  assert.equal(named('machine.slice:libpod:abc'), 'machine.slice libpod-abc.scope');
  assert.equal(named(':docker:abc'), 'system.slice docker-abc.scope');
  assert.equal(named(':docker:abc', true), 'user.slice docker-abc.scope');
});

test('a cgroupsPath in another format is refused', () => {
  const refused = (cgroupsPath: string, message: RegExp) =>
    assert.throws(() => named(cgroupsPath), { configPath: 'linux.cgroupsPath', message });
  refused('/a/b', /of format "slice:prefix:name" for systemd cgroups, got "\/a\/b" instead/);
  refused('a:b:c:d', /of format/);
  refused('a/b.slice:c:d', /invalid slice name: a\/b.slice/);
  refused('a.slice:b:c/d', /invalid unit name: b-c\/d.scope/);
  refused('a.slice:b:c.slice', /does not end in .slice/);
});

test('dashes in a slice’s name nest it', () => {
  assert.equal(expandSlice('system.slice'), '/system.slice');
  assert.equal(expandSlice('-.slice'), '/');
  assert.equal(
    expandSlice('kubepods-besteffort-pod1.slice'),
    '/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1.slice',
  );
  for (const slice of ['a--b.slice', '-a.slice', 'a-.slice', '.slice', 'slice', 'a.scope']) {
    assert.throws(() => expandSlice(slice), { message: `invalid slice name: ${slice}` });
  }
});

test('a unit’s D-Bus path has its escaped name', () => {
  assert.equal(busLabel('runc-web_1.scope'), 'runc_2dweb_5f1_2escope');
  assert.equal(busLabel('1a'), '_31a');
});
