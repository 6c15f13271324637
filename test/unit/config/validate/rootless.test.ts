import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSpec } from '../../../../src/config/default-spec.ts';
import type { Spec } from '../../../../src/config/types.ts';
import { Report } from '../../../../src/config/validate/checks/report.ts';
import { checkRootless } from '../../../../src/config/validate/rootless.ts';

function check(spec: Spec): string[] {
  const report = new Report();
  checkRootless(spec, report);
  return report.problems.map(({ path, expected }) => `${path}: ${expected}`);
}

test('an ordinary user can run the rootless default spec', () => {
  assert.deepEqual(check(defaultSpec({ rootless: true, uid: 1000, gid: 1000 })), []);
});

test('an ordinary user needs a user namespace', () => {
  assert.deepEqual(check(defaultSpec()), [
    'linux.namespaces: a user namespace, as davit does not run as root',
  ]);
});

test('mounts of an ordinary user use mapped ids only, and are not idmapped', () => {
  const spec = defaultSpec({ rootless: true, uid: 1000, gid: 1000 });
  spec.mounts![1]!.options!.push('gid=5', 'uid=0');
  spec.mounts!.push({ destination: '/a', source: '/a', options: ['bind', 'idmap'] });
  spec.linux!.netDevices = { eth0: {} };
  assert.deepEqual(check(spec), [
    'linux.netDevices: no devices, as davit does not run as root',
    'mounts[1].options[4]: an id that the user namespace maps',
    'mounts[7].options[1]: no idmapped mount, as davit does not run as root',
  ]);
});

test('additional groups need more than the own gid mapped', () => {
  const gid = process.getegid!();
  const spec = defaultSpec({ rootless: true, uid: 1000, gid });
  spec.process!.user.additionalGids = [0];
  assert.deepEqual(check(spec), [
    'process.user.additionalGids: no groups, as linux.gidMappings maps the own one alone',
  ]);
  spec.linux!.gidMappings!.push({ containerID: 1, hostID: 100000, size: 65536 });
  assert.deepEqual(check(spec), []);
});
