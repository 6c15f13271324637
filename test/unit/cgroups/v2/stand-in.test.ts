import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Controller } from '../../../../src/cgroups/limits/controller.ts';
import { cpu } from '../../../../src/cgroups/v2/cpu.ts';
import { cpuset } from '../../../../src/cgroups/v2/cpuset.ts';
import { V2Cgroup } from '../../../../src/cgroups/v2/driver.ts';
import { hugetlb } from '../../../../src/cgroups/v2/hugetlb.ts';
import { io } from '../../../../src/cgroups/v2/io.ts';
import { memory } from '../../../../src/cgroups/v2/memory.ts';
import type { LinuxResources } from '../../../../src/config/types.ts';

// This machine's controllers belong to v1. A plain directory stands in for a v2 cgroup and shows
// what would be written to its files.
function standIn(t: TestContext, files: Record<string, string>): string {
  const dir = mkdtempSync(join(tmpdir(), 'davit-test-'));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(dir, file), text);
  return dir;
}

function written(
  t: TestContext,
  controller: Controller,
  resources: LinuxResources,
  files: string[],
): Record<string, string> {
  const dir = standIn(t, Object.fromEntries(files.map((file) => [file, ''])));
  controller.apply(dir, resources);
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(dir, file), 'utf8')]));
}

const MEMORY = ['memory.max', 'memory.swap.max', 'memory.low'];

test('stand-in: memory', (t) => {
  const limits = {
    limit: 1000,
    swap: 1500,
    reservation: 700,
    swappiness: 5,
    disableOOMKiller: true,
  };
  assert.deepEqual(written(t, memory, { memory: limits }, MEMORY), {
    'memory.max': '1000',
    'memory.swap.max': '500',
    'memory.low': '700',
  });
  assert.deepEqual(written(t, memory, { memory: { limit: -1 } }, MEMORY), {
    'memory.max': 'max',
    'memory.swap.max': 'max',
    'memory.low': '',
  });
});

test('stand-in: a kernel without swap accounting is an error only if a limit needs it', (t) => {
  const dir = standIn(t, { 'memory.max': '' });
  memory.apply(dir, { memory: { limit: 1000, swap: 1000 } });
  assert.throws(() => memory.apply(dir, { memory: { limit: 1000, swap: 2000 } }), {
    configPath: 'linux.resources.memory.swap',
    message: /ENOENT/,
  });
});

test('stand-in: a limit below the current usage is refused before it is set', (t) => {
  const dir = standIn(t, { 'memory.current': '5000\n', 'memory.max': '', 'memory.swap.max': '' });
  const apply = (resources: LinuxResources['memory'] & object) => () =>
    memory.apply(dir, { memory: { checkBeforeUpdate: true, ...resources } });
  assert.throws(apply({ limit: 4000 }), {
    configPath: 'linux.resources.memory.limit',
    message: 'rejecting memory limit 4000 <= usage 5000',
  });
  assert.throws(apply({ limit: 4000, swap: 4500 }), {
    message: 'rejecting memory+swap limit 4500 <= usage 5000',
  });
  apply({ limit: 6000 })();
  assert.equal(readFileSync(join(dir, 'memory.max'), 'utf8'), '6000');
});

test('stand-in: cpu', (t) => {
  const files = ['cpu.weight', 'cpu.max', 'cpu.max.burst', 'cpu.idle'];
  const resources = {
    cpu: { shares: 1024, quota: 5000, burst: 2000, idle: 0, realtimeRuntime: 9 },
  };
  assert.deepEqual(written(t, cpu, resources, files), {
    'cpu.weight': '100',
    'cpu.max': '5000 100000',
    'cpu.max.burst': '2000',
    'cpu.idle': '0',
  });
});

test('stand-in: cpuset', (t) => {
  const files = ['cpuset.cpus', 'cpuset.mems'];
  assert.deepEqual(written(t, cpuset, { cpu: { cpus: '0-1' } }, files), {
    'cpuset.cpus': '0-1',
    'cpuset.mems': '',
  });
});

test('stand-in: io', (t) => {
  const resources = {
    blockIO: {
      weight: 500,
      weightDevice: [{ major: 8, minor: 0, weight: 700 }],
      throttleWriteIOPSDevice: [{ major: 8, minor: 16, rate: 300 }],
    },
  };
  assert.deepEqual(written(t, io, resources, ['io.weight', 'io.max']), {
    'io.weight': '4950',
    'io.max': '8:16 wiops=300',
  });
  const dir = standIn(t, { 'io.bfq.weight': 'default 100\n', 'io.max': '' });
  io.apply(dir, { blockIO: { weightDevice: [{ major: 8, minor: 0, weight: 700 }] } });
  assert.equal(readFileSync(join(dir, 'io.bfq.weight'), 'utf8'), '8:0 700\n100\n');
});

test('stand-in: huge pages, and reserved ones if the kernel counts them', (t) => {
  const resources = { hugepageLimits: [{ pageSize: '2MB', limit: 4_194_304 }] };
  const files = ['hugetlb.2MB.max', 'hugetlb.2MB.rsvd.max'];
  for (const some of [files, files.slice(0, 1)]) {
    assert.deepEqual(
      written(t, hugetlb, resources, some),
      Object.fromEntries(some.map((file) => [file, '4194304'])),
    );
  }
});

test('stand-in: with a memory or CPU limit, the runtime joins the cgroup last', (t) => {
  const joined = (files: Record<string, string>, charging: 'now' | 'later' | 'only'): boolean => {
    const mountpoint = standIn(t, { 'cgroup.procs': '', ...files });
    const hierarchy = { controllers: [], version: 2 as const, mountpoint, path: '/' };
    const cgroup = new V2Cgroup(hierarchy, { rootless: false, placeAsked: true });
    const attachment = cgroup.openAttachment();
    attachment.join({ charging });
    attachment[Symbol.dispose]();
    return readFileSync(join(mountpoint, 'cgroup.procs'), 'utf8') === '0';
  };
  const modes = ['now', 'later', 'only'] as const;
  for (const limit of [{ 'memory.max': '1000\n' }, { 'cpu.max': '1000 100000\n' }]) {
    assert.deepEqual(
      modes.map((mode) => joined(limit, mode)),
      [true, false, true],
    );
  }
  assert.deepEqual(
    modes.map((mode) => joined({ 'memory.max': 'max\n', 'cpu.max': 'max 100000\n' }, mode)),
    [true, true, false],
  );
  assert.deepEqual(
    modes.map((mode) => joined({}, mode)),
    [true, true, false],
  );
});
