import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roundQuota } from '../../../../src/cgroups/systemd/cpu-quota.ts';
import { deviceProperties } from '../../../../src/cgroups/systemd/device-properties.ts';
import type { UnitProperty } from '../../../../src/cgroups/systemd/property.ts';
import { resourcesV1, resourcesV2 } from '../../../../src/cgroups/systemd/resources.ts';
import { oomPolicy } from '../../../../src/cgroups/systemd/unified.ts';
import type { DeviceRule, LinuxResources } from '../../../../src/config/types.ts';

const INFINITY = 2n ** 64n - 1n;

/** Written as `['MemoryMax t', 5n]`. */
const short = (properties: readonly UnitProperty[]) =>
  properties.map(([name, { signature, value }]) => [`${name} ${signature}`, value]);
const v2 = (resources: LinuxResources, version = 252) => short(resourcesV2(resources, version));

test('limits of cgroup v2 become properties of the unit', () => {
  const properties = v2({
    memory: { limit: 100 << 20, reservation: 50 << 20, swap: 150 << 20 },
    cpu: { shares: 1024, quota: 50_000, period: 100_000, cpus: '0-1,9', mems: '0' },
    pids: { limit: 20 },
  });
  assert.deepEqual(properties, [
    ['MemoryMax t', 104857600n],
    ['MemoryLow t', 52428800n],
    ['MemorySwapMax t', 52428800n],
    ['CPUWeight t', 100n],
    ['CPUQuotaPeriodUSec t', 100_000n],
    ['CPUQuotaPerSecUSec t', 500_000n],
    ['TasksMax t', 20n],
    ['AllowedCPUs ay', [3, 2]],
    ['AllowedMemoryNodes ay', [1]],
  ]);
});

test('limits of cgroup v1 have other properties', () => {
  const properties = resourcesV1({
    memory: { limit: 100 << 20, swap: 150 << 20 },
    cpu: { shares: 512, quota: 50_000 },
    blockIO: { weight: 300 },
    pids: { limit: 0 },
  });
  assert.deepEqual(short(properties), [
    ['MemoryLimit t', 104857600n],
    ['CPUShares t', 512n],
    ['CPUQuotaPerSecUSec t', 500_000n],
    ['BlockIOWeight t', 300n],
    ['TasksMax t', 1n],
  ]);
});

test('no limit becomes infinity, and an absent limit no property', () => {
  assert.deepEqual(v2({}), []);
  assert.deepEqual(v2({ memory: { limit: -1 }, pids: { limit: -1 }, cpu: { quota: -1 } }), [
    ['MemoryMax t', INFINITY],
    ['MemorySwapMax t', INFINITY],
    ['CPUQuotaPerSecUSec t', INFINITY],
    ['TasksMax t', INFINITY],
  ]);
  assert.throws(() => v2({ memory: { swap: 5 } }), { configPath: 'linux.resources.memory.swap' });
  assert.throws(() => v2({ cpu: { cpus: '3-1' } }), { configPath: 'linux.resources.cpu.cpus' });
});

test('an idle container has weight 0 if systemd supports it', () => {
  const cpu = { idle: 1, shares: 1024 };
  assert.deepEqual(v2({ cpu }), [['CPUWeight t', 0n]]);
  assert.deepEqual(v2({ cpu }, 251), [['CPUWeight t', 100n]]);
  const unified = { 'cpu.idle': '1', 'cpu.weight': '50' };
  assert.deepEqual(v2({ unified }), [['CPUWeight t', 0n]]);
  assert.deepEqual(v2({ unified }, 251), [['CPUWeight t', 50n]]);
});

test('a quota is rounded up to a whole percentage, also in the cgroup’s file', () => {
  assert.deepEqual(v2({ cpu: { quota: 12_345, period: 100_000 } }), [
    ['CPUQuotaPeriodUSec t', 100_000n],
    ['CPUQuotaPerSecUSec t', 130_000n],
  ]);
  assert.deepEqual(roundQuota({ quota: 12_345, period: 50_000, shares: 2 }), {
    quota: 12_500,
    period: 50_000,
    shares: 2,
  });
  for (const exact of [{ quota: 50_000 }, { quota: -1, period: 100_000 }, {}]) {
    assert.equal(roundQuota(exact), exact);
  }
});

test('unified resources are translated if systemd has a property for them', () => {
  const unified = {
    'memory.high': ' 1000\n',
    'memory.max': 'max',
    'cpu.max': '20000 50000',
    'cpuset.cpus': '0',
    'pids.max': '0',
    'io.max': '8:0 rbps=1',
    'memory.oom.group': '1',
  };
  assert.deepEqual(v2({ unified }), [
    ['MemoryHigh t', 1000n],
    ['MemoryMax t', INFINITY],
    ['CPUQuotaPeriodUSec t', 50_000n],
    ['CPUQuotaPerSecUSec t', 400_000n],
    ['AllowedCPUs ay', [1]],
    ['TasksMax t', 1n],
  ]);
  assert.deepEqual(short(oomPolicy(unified, 253)), [['OOMPolicy s', 'kill']]);
  assert.deepEqual(oomPolicy(unified, 252), []);
});

test('an error names an invalid unified resource', () => {
  const refused = (file: string, content: string, message: RegExp) =>
    assert.throws(() => v2({ unified: { [file]: content } }), {
      configPath: `linux.resources.unified["${file}"]`,
      message,
    });
  refused('../memory.max', '1', /no slashes/);
  refused('memory', '1', /CONTROLLER.PARAMETER/);
  refused('memory.max', '1G', /invalid number "1G"/);
  refused('cpu.max', '1 2 3', /invalid value "1 2 3"/);
});

const DEFAULT = [
  ['/dev/block/8:0', 'rw'],
  ['/dev/char/1:3', 'rwm'],
];

test('devices are allowed by path, by type or by major number', () => {
  const rules: DeviceRule[] = [
    { allow: false, access: 'rwm' },
    { allow: true, type: 'b', major: 8, minor: 0, access: 'rw' },
    { allow: true, type: 'c', minor: 7, access: 'r' },
  ];
  const [cleared, mode, allowed] = deviceProperties({ devices: rules }, {});
  assert.deepEqual(cleared, ['DeviceAllow', { signature: 'a(ss)', value: [] }]);
  assert.deepEqual(mode, ['DevicePolicy', { signature: 's', value: 'strict' }]);
  const entries = allowed![1].value as [string, string][];
  for (const entry of [...DEFAULT, ['char-*', 'm'], ['block-*', 'm'], ['char-136', 'rwm']]) {
    assert.ok(
      entries.some((one) => one.join() === entry.join()),
      String(entry),
    );
  }
  // systemd cannot allow one minor number of all majors.
  assert.equal(entries.length, 11 + 1);
});

test('a policy of all devices with exceptions becomes a strict one for systemd', () => {
  const all: DeviceRule = { allow: true, access: 'rwm' };
  const mode = (devices: DeviceRule[]) => short(deviceProperties({ devices }, {}));
  const without = { allow: false, type: 'c', major: 1, minor: 2, access: 'rwm' } as const;
  assert.deepEqual(mode([all]), [
    ['DeviceAllow a(ss)', []],
    ['DevicePolicy s', 'auto'],
  ]);
  assert.deepEqual(mode([all, without])[1], ['DevicePolicy s', 'strict']);
});
