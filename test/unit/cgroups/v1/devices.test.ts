import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultRules } from '../../../../src/cgroups/limits/default-devices.ts';
import { DevicePolicy } from '../../../../src/cgroups/limits/device-policy.ts';
import { parseDeviceList, transition } from '../../../../src/cgroups/v1/devices.ts';
import type { DeviceRule } from '../../../../src/config/types.ts';

const allow = (major: number, minor: number, access: string): DeviceRule => ({
  allow: true,
  type: 'c',
  major,
  minor,
  access,
});
const ALL: DeviceRule = { allow: true, access: 'rwm' };

test('devices.list is read back as the same policy', () => {
  const policy = parseDeviceList('c 1:3 rwm\nb *:* m\nc 136:* rw\n');
  assert.equal(policy.defaultAllow, false);
  assert.deepEqual(policy.exceptions, [
    { type: 'b', major: -1, minor: -1, access: 1 },
    { type: 'c', major: 1, minor: 3, access: 7 },
    { type: 'c', major: 136, minor: -1, access: 6 },
  ]);
  assert.equal(parseDeviceList('a *:* rwm\n').defaultAllow, true);
});

test('between similar policies only the difference is written', () => {
  const before = DevicePolicy.of([allow(1, 3, 'rwm'), allow(1, 5, 'rw'), allow(9, 9, 'r')]);
  const after = DevicePolicy.of([allow(1, 3, 'rwm'), allow(1, 5, 'rm'), allow(7, 7, 'w')]);
  assert.deepEqual(transition(before, after), [
    { file: 'devices.deny', entries: ['c 1:5 w', 'c 9:9 r'] },
    { file: 'devices.allow', entries: ['c 1:5 m', 'c 7:7 w'] },
  ]);
  assert.deepEqual(transition(after, after), []);
});

test('a new cgroup, which allows all devices, is first denied all', () => {
  assert.deepEqual(transition(parseDeviceList('a *:* rwm'), DevicePolicy.of([allow(1, 3, 'r')])), [
    { file: 'devices.deny', entries: ['a *:* rwm'] },
    { file: 'devices.allow', entries: ['c 1:3 r'] },
  ]);
});

test('exceptions to a policy of all devices are denied', () => {
  const target = DevicePolicy.of([ALL, { ...allow(10, 1, 'w'), allow: false }]);
  assert.deepEqual(transition(parseDeviceList('c 1:3 r'), target), [
    { file: 'devices.allow', entries: ['a *:* rwm'] },
    { file: 'devices.deny', entries: ['c 10:1 w'] },
  ]);
});

test('a rule that the kernel would ignore is an error with its path', () => {
  const wide: DeviceRule = { allow: true, type: 'c', major: 10, access: 'rw' };
  assert.throws(() => DevicePolicy.of([wide, { ...allow(10, 1, 'w'), allow: false }]), {
    configPath: 'linux.resources.devices[1]',
    message: /cannot punch a hole in the wildcard rule c 10:\* rw/,
  });
});

test('a default device that linux.devices redefines has no default rule', () => {
  const all = defaultRules();
  assert.equal(all.length, 11);
  const left = defaultRules([{ type: 'c', path: '/dev/null', major: 1, minor: 3 }]);
  assert.deepEqual(
    all.filter((rule) => !left.includes(rule)).map(({ major, minor }) => [major, minor]),
    [[1, 3]],
  );
});
