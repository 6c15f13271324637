import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { defaultSpec } from '../../../src/config/default-spec.ts';
import type { Spec } from '../../../src/config/types.ts';
import { adjustSpec } from '../../../src/plugins/adjust/adjust-spec.ts';
import type { Adjustments } from '../../../src/plugins/adjust/adjustments.ts';
import { claimedFields } from '../../../src/plugins/adjust/claims.ts';
import { needsRoot } from '../../support/bundle.ts';

const asRoot = { skip: needsRoot };

const spec = (): Spec => ({ ...defaultSpec(), root: { path: '.' } });

function adjust(t: TestContext, ...all: Adjustments[]): Spec {
  const bundle = mkdtempSync(join(tmpdir(), 'adjust-'));
  t.after(() => rmSync(bundle, { recursive: true }));
  const named = all.map((adjustments, i) => ({ plugin: `p${i + 1}`, adjustments }));
  return adjustSpec(spec(), bundle, named);
}

test('without adjustments nothing changes', asRoot, (t) => {
  assert.deepEqual(adjust(t, {}, {}), spec());
});

test('a configuration without a process cannot be adjusted in process', () => {
  const { process: _, ...rest } = spec();
  const adjustments = { env: { A: 'b' } };
  assert.throws(
    () => adjustSpec(rest, '/', [{ plugin: 'p1', adjustments }]),
    /^PluginError: plugin p1: adjust: env: config.json has no process to adjust$/,
  );
});

test('environment: set, changed in place, removed', asRoot, (t) => {
  const { env } = adjust(t, { env: { TERM: 'dumb', NEW: 'a=b' } }, { env: { PATH: null } })
    .process!;
  assert.deepEqual(env, ['TERM=dumb', 'NEW=a=b']);
});

test('mounts: changed in place, removed, added last', asRoot, (t) => {
  const before = spec().mounts!;
  const { mounts } = adjust(t, {
    mounts: { '/new': { type: 'tmpfs' }, '/proc': { type: 'proc', source: 'p' }, '/sys': null },
  });
  const at = before.findIndex(({ destination }) => destination === '/proc');
  assert.deepEqual(mounts![at], { destination: '/proc', type: 'proc', source: 'p' });
  assert.deepEqual(mounts!.at(-1), { destination: '/new', type: 'tmpfs' });
  assert.equal(mounts!.length, before.length);
});

test('mounts: a new mount does not hide an existing one', asRoot, (t) => {
  const { mounts } = adjust(
    t,
    {
      mounts: { '/a/b/c': { type: 'tmpfs' }, '/a/b': { type: 'tmpfs' }, '/ab': { type: 'tmpfs' } },
    },
    { mounts: { '/a': { type: 'tmpfs' } } },
  );
  const order = mounts!.map(({ destination }) => destination);
  assert.deepEqual(
    order.filter((path) => path.startsWith('/a')),
    ['/a', '/a/b', '/a/b/c', '/ab'],
  );
});

test('a mount point that occurs twice is replaced once', asRoot, (t) => {
  const twice = { type: 'tmpfs', options: ['ro'] };
  const { mounts } = adjust(t, { mounts: { '/dev/shm': twice } });
  assert.equal(mounts!.filter(({ destination }) => destination === '/dev/shm').length, 1);
});

test('devices are added with a rule that allows them', asRoot, (t) => {
  const { linux } = adjust(t, {
    devices: { '/dev/a': { type: 'c', major: 10, minor: 200 }, '/dev/pipe': { type: 'p' } },
  });
  assert.deepEqual(linux!.devices, [
    { path: '/dev/a', type: 'c', major: 10, minor: 200 },
    { path: '/dev/pipe', type: 'p' },
  ]);
  const rules = linux!.resources!.devices!;
  assert.deepEqual(rules.at(-1), { allow: true, type: 'c', access: 'rwm', major: 10, minor: 200 });
  assert.equal(rules.length, (spec().linux!.resources!.devices ?? []).length + 1);
});

test('devices: kinds of access', asRoot, (t) => {
  const { linux } = adjust(t, {
    devices: {
      '/dev/a': { type: 'c', major: 10, minor: 200, access: 'r' },
      '/dev/b': { type: 'b', major: 7, minor: 0, access: '' },
    },
  });
  assert.deepEqual(linux!.devices, [
    { path: '/dev/a', type: 'c', major: 10, minor: 200 },
    { path: '/dev/b', type: 'b', major: 7, minor: 0 },
  ]);
  const added = linux!.resources!.devices!.slice((spec().linux!.resources!.devices ?? []).length);
  assert.deepEqual(added, [{ allow: true, type: 'c', access: 'r', major: 10, minor: 200 }]);
});

test('an added device is allowed whatever rules another plugin sets', asRoot, (t) => {
  const device = { devices: { '/dev/a': { type: 'c', major: 10, minor: 200 } } } as const;
  const rules = { resources: { devices: [{ allow: false, access: 'rwm' }] } };
  for (const all of [
    [device, rules],
    [rules, device],
  ]) {
    const { resources } = adjust(t, ...all).linux!;
    assert.deepEqual(resources!.devices, [
      { allow: false, access: 'rwm' },
      { allow: true, type: 'c', access: 'rwm', major: 10, minor: 200 },
    ]);
  }
});

test('additional gids of several plugins are combined', asRoot, (t) => {
  const { user } = adjust(t, { additionalGids: [5, 6] }, { additionalGids: [6, 7] }).process!;
  assert.deepEqual(user.additionalGids, [5, 6, 7]);
  assert.throws(
    () => adjust(t, { additionalGids: 5 as never }),
    /process\.user\.additionalGids: 5/,
  );
});

test('resources: several plugins set different limits', asRoot, (t) => {
  const { resources } = adjust(
    t,
    { resources: { memory: { limit: 1 << 30 }, pids: { limit: 9 } } },
    { resources: { memory: { swap: 1 << 30 }, devices: null } },
  ).linux!;
  assert.deepEqual(resources, {
    memory: { limit: 1 << 30, swap: 1 << 30 },
    pids: { limit: 9 },
  });
});

test('all other adjustments', asRoot, (t) => {
  const hook = { path: '/bin/true' };
  const { process, hooks, annotations, linux } = adjust(t, {
    args: ['other'],
    rlimits: { RLIMIT_NOFILE: null, RLIMIT_CORE: { soft: 0, hard: 1n } },
    oomScoreAdj: 5,
    hooks: { prestart: [hook] },
    annotations: { 'a.b': 'c' },
    netDevices: { eth7: { name: 'e' } },
    namespaces: { ipc: null, cgroup: {} },
    sysctl: { 'net.ipv4.ip_forward': '1' },
    cgroupsPath: '/x/y',
    seccomp: { defaultAction: 'SCMP_ACT_ALLOW' },
    scheduler: { policy: 'SCHED_BATCH', nice: 3 },
    ioPriority: { class: 'IOPRIO_CLASS_IDLE' },
    memoryPolicy: { mode: 'MPOL_DEFAULT' },
    intelRdt: null,
  });
  assert.deepEqual(process!.args, ['other']);
  assert.deepEqual(process!.rlimits, [{ type: 'RLIMIT_CORE', soft: 0, hard: 1n }]);
  assert.equal(process!.oomScoreAdj, 5);
  assert.deepEqual(process!.scheduler, { policy: 'SCHED_BATCH', nice: 3 });
  assert.deepEqual(process!.ioPriority, { class: 'IOPRIO_CLASS_IDLE' });
  assert.deepEqual(linux!.memoryPolicy, { mode: 'MPOL_DEFAULT' });
  assert.deepEqual(hooks, { prestart: [hook] });
  assert.deepEqual(annotations, { 'a.b': 'c' });
  assert.deepEqual(linux!.netDevices, { eth7: { name: 'e' } });
  const types = linux!.namespaces!.map(({ type }) => type);
  assert.ok(types.includes('cgroup') && !types.includes('ipc'));
  assert.deepEqual(linux!.sysctl, { 'net.ipv4.ip_forward': '1' });
  assert.equal(linux!.cgroupsPath, '/x/y');
  assert.deepEqual(linux!.seccomp, { defaultAction: 'SCMP_ACT_ALLOW' });
});

test('hooks of several plugins are appended in order', asRoot, (t) => {
  const hook = (path: string) => ({ hooks: { poststop: [{ path }] } });
  const { hooks } = adjust(t, hook('/a'), hook('/b'));
  assert.deepEqual(hooks, { poststop: [{ path: '/a' }, { path: '/b' }] });
});

test('claims are reported by their keys', () => {
  const all = {
    args: ['x'],
    env: { A: '1', B: null },
    mounts: { '/x': null },
    hooks: { prestart: [] },
    resources: { memory: { limit: 1 }, devices: [] },
  };
  assert.deepEqual(claimedFields(all), [
    'args',
    'env.A',
    'env.B',
    'mounts["/x"]',
    'resources.memory.limit',
    'resources.devices',
  ]);
});

for (const [field, first, second] of [
  ['args', { args: ['a'] }, { args: ['a'] }],
  ['env.A', { env: { A: '1' } }, { env: { A: null } }],
  ['mounts["/x"]', { mounts: { '/x': { type: 'tmpfs' } } }, { mounts: { '/x': null } }],
  [
    'resources.memory.limit',
    { resources: { memory: { limit: 1 << 30 } } },
    { resources: { memory: { limit: 1 << 29 } } },
  ],
  [
    'resources.memory',
    { resources: { memory: { limit: 1 << 30 } } },
    { resources: { memory: null } },
  ],
] satisfies [string, Adjustments, Adjustments][]) {
  test(`two plugins that claim ${field} are an error`, (t) => {
    assert.throws(() => adjust(t, first, second), {
      message: `plugin p2: adjust: ${field} is claimed by plugin p1 as well`,
    });
  });
}

test('an error names the plugin that makes the configuration invalid', asRoot, (t) => {
  assert.throws(() => adjust(t, { env: { A: 'b' } }, { args: [] }, { cgroupsPath: '/x' }), {
    message: /^plugin p2: adjust: adjusted config\.json: process\.args: \[\]: expected/,
  });
});
