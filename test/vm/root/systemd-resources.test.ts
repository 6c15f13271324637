import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { LinuxResources } from '../../../src/config/types.ts';
import type { TestSpec } from '../../support/bundle.ts';
import {
  cgroupDirectory,
  lastingPropertiesOf,
  propertiesOf,
  sleepInScope,
  unitOf,
} from '../scope.ts';

const RESOURCES: LinuxResources = {
  memory: { limit: 100 << 20, reservation: 50 << 20, swap: 150 << 20 },
  cpu: { quota: 25_000, period: 50_000, cpus: '0-1', mems: '0' },
  pids: { limit: 50 },
  blockIO: { weight: 500 },
  unified: { 'cpu.weight': '20', 'memory.high': '90000000', 'memory.oom.group': '1' },
  devices: [
    { allow: false, access: 'rwm' },
    { allow: true, type: 'b', major: 8, access: 'r' },
    { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' },
  ],
};
const FILES = [
  ...['memory.max', 'memory.low', 'memory.high', 'memory.swap.max'],
  ...['cpu.weight', 'cpu.max', 'cpuset.cpus', 'pids.max', 'io.weight'],
];

test('systemd and the kernel get the same limits as from runc', (t) => {
  const limited = (spec: TestSpec) => {
    spec.linux.resources = RESOURCES;
  };
  const ours = sleepInScope(t, limited);
  const theirs = sleepInScope(t, limited, { runtime: 'runc' });
  const [own, other] = [ours, theirs].map((bundle) => lastingPropertiesOf(unitOf(bundle)));
  assert.deepEqual(own, other);
  assert.equal(own!.MemoryMax, String(100 << 20));
  const [dir, otherDir] = [ours, theirs].map((bundle) => cgroupDirectory(bundle.state().pid));
  for (const file of FILES) {
    const [value, expected] = [dir, otherDir].map((one) => readFileSync(`${one}/${file}`, 'utf8'));
    assert.equal(value, expected, file);
  }
});

test('update tells systemd the limits, so that a reload does not undo them', (t) => {
  const bundle = sleepInScope(t);
  const update = [
    '--memory',
    '64M',
    '--memory-swap',
    '128M',
    '--pids-limit',
    '9',
    '--cpu-quota',
    '12345',
  ];
  const { status, stderr } = bundle.runtime('update', ...update, bundle.id);
  assert.equal(status, 0, stderr);
  const properties = propertiesOf(unitOf(bundle));
  assert.equal(properties.get('MemoryMax'), String(64 << 20));
  assert.equal(properties.get('MemorySwapMax'), String(64 << 20));
  assert.equal(properties.get('TasksMax'), '9');
  assert.equal(properties.get('CPUQuotaPerSecUSec'), '130ms');
  assert.equal(properties.get('DevicePolicy'), 'strict');
  const dir = cgroupDirectory(bundle.state().pid);
  assert.equal(readFileSync(`${dir}/cpu.max`, 'utf8'), '13000 100000\n');
});
