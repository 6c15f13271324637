import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeResources } from '../../../src/config/merge-resources.ts';

test('limits that an update does not name are kept', () => {
  const before = {
    devices: [{ allow: false }],
    memory: { limit: 100, swap: 200 },
    cpu: { shares: 5, cpus: '0', quota: 10, period: 20 },
    pids: { limit: 3 },
    unified: { 'memory.high': '1' },
  };
  const after = mergeResources(before, {
    memory: { limit: 150 },
    cpu: { shares: 7 },
    unified: { 'io.weight': '2' },
  });
  assert.deepEqual(after, {
    devices: [{ allow: false }],
    memory: { limit: 150, swap: 200, checkBeforeUpdate: false },
    cpu: { shares: 7, cpus: '0', quota: 10, period: 20 },
    blockIO: {},
    pids: { limit: 3 },
    unified: { 'memory.high': '1', 'io.weight': '2' },
  });
  assert.deepEqual(before.memory, { limit: 100, swap: 200 }, 'the old ones are not touched');
});

test('device rules are never updated', () => {
  const { devices } = mergeResources(
    { devices: [{ allow: false }] },
    { devices: [{ allow: true }] },
  );
  assert.deepEqual(devices, [{ allow: false }]);
});

test('quota without period, or period without quota, keeps the other one', () => {
  const before = { cpu: { quota: 10, period: 20 } };
  assert.deepEqual(mergeResources(before, { cpu: { quota: 30 } }).cpu, { quota: 30, period: 20 });
  assert.deepEqual(mergeResources(before, { cpu: { period: 40 } }).cpu, { quota: 10, period: 40 });
  assert.deepEqual(mergeResources(before, { cpu: { quota: 0 } }).cpu, { quota: 10, period: 20 });
});

test('no memory limit also means no limit of memory and swap', () => {
  const before = { memory: { limit: 100, swap: 200 } };
  const { memory } = mergeResources(before, { memory: { limit: -1n } });
  assert.deepEqual(memory, { limit: -1n, checkBeforeUpdate: false });
});

test('an idle cgroup has no shares', () => {
  const { cpu } = mergeResources({ cpu: { shares: 5 } }, { cpu: { idle: 1 } });
  assert.deepEqual(cpu, { idle: 1 });
});

test('listed devices are changed, and others added', () => {
  const before = { blockIO: { throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1 }] } };
  const { blockIO } = mergeResources(before, {
    blockIO: {
      weight: 20,
      throttleReadBpsDevice: [
        { major: 8, minor: 0, rate: 2 },
        { major: 8, minor: 16, rate: 3 },
      ],
      weightDevice: [{ major: 8, minor: 0, weight: 30 }],
    },
  });
  assert.deepEqual(blockIO, {
    weight: 20,
    throttleReadBpsDevice: [
      { major: 8, minor: 0, rate: 2 },
      { major: 8, minor: 16, rate: 3 },
    ],
    weightDevice: [{ major: 8, minor: 0, weight: 30 }],
  });
});
