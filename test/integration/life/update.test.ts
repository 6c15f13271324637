import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type Bundle,
  makeBundle,
  needsContainers,
  type RuntimeName,
} from '../../support/bundle.ts';
import { cgroupVersion, readCgroupFile } from '../../support/host/cgroup-files.ts';
import { waitFor } from '../../support/wait-for.ts';

/** Files with the container's limits. cpu.weight is left out: runc 1.4 changed its formula. */
const FILES =
  cgroupVersion === 2
    ? ['memory.max', 'memory.low', 'cpu.max', 'cpuset.cpus', 'pids.max']
    : [
        ...['memory.limit_in_bytes', 'memory.soft_limit_in_bytes', 'cpu.shares'],
        ...['cpu.cfs_quota_us', 'cpu.cfs_period_us', 'cpuset.cpus', 'pids.max'],
      ];

/** The limits that the kernel reports for a container. */
function limits(bundle: Bundle): Record<string, string> {
  const { pid } = bundle.state();
  return Object.fromEntries(FILES.map((file) => [file, readCgroupFile(pid, file, file)]));
}

const memoryLimit = cgroupVersion === 2 ? 'memory.max' : 'memory.limit_in_bytes';

const UPDATES: string[][] = [
  ['--memory', '64m'],
  ['--memory', '1.5GiB', '--memory-reservation', '33554432'],
  ['--pids-limit', '20'],
  ['--cpu-quota', '50000'],
  ['--cpu-period', '50000'],
  ['--cpu-period', '100000', '--cpu-quota', '-1'],
  ['--cpu-share', '512', '--cpuset-cpus', '0'],
  ['--pids-limit', '-1', '--memory', '-1'],
  ['--kernel-memory', '64m'],
];

function steps(bundle: Bundle): unknown[] {
  bundle.runDetached();
  const seen: unknown[] = [limits(bundle)];
  for (const flags of UPDATES) {
    const { status, stderr } = bundle.runtime('update', ...flags, bundle.id);
    assert.equal(status, 0, `${bundle.name} update ${flags.join(' ')}: ${stderr}`);
    seen.push([flags, limits(bundle)]);
  }
  return seen;
}

test("all limits are runc's after every update", { skip: needsContainers }, (t) => {
  const of = (runtime: RuntimeName) =>
    steps(
      makeBundle(t, {
        runtime,
        args: ['sleep', '1000'],
        spec: ({ linux }) => {
          linux.resources = { ...linux.resources, memory: { limit: 2 ** 27 }, pids: { limit: 99 } };
        },
      }),
    );
  assert.deepEqual(of('davit'), of('runc'));
});

test('--resources takes a file or standard input, and other flags are then ignored', {
  skip: needsContainers,
}, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const file = join(bundle.dir, 'resources.json');
  writeFileSync(file, '{"memory":{"limit":67108864,"swappiness":null},"pids":{"limit":31}}');
  assert.equal(bundle.runtime('update', '-r', file, '--pids-limit', '7', bundle.id).status, 0);
  let now = limits(bundle);
  assert.deepEqual([now[memoryLimit], now['pids.max']], ['67108864', '31']);
  const input = '{"cpu":{"shares":2048}}';
  assert.equal(bundle.runtimeWith({ input }, 'update', '--resources', '-', bundle.id).status, 0);
  now = limits(bundle);
  const shares = readCgroupFile(bundle.state().pid, 'cpu.shares', 'cpu.weight');
  assert.deepEqual([shares, now['pids.max']], [cgroupVersion === 2 ? '174' : '2048', '31']);
  const broken = bundle.runtimeWith(
    { input: '{"pids":{"limit":"x"}}' },
    'update',
    '-r',
    '-',
    bundle.id,
  );
  assert.equal(broken.status, 1);
  assert.match(broken.stderr, /standard input: resources\.pids\.limit: "x": expected an integer/);
});

test('update stores its limits with the container, and keeps the limits that it does not name', {
  skip: needsContainers,
}, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  bundle.runtime('update', '--pids-limit', '40', '--cpu-quota', '30000', bundle.id);
  bundle.runtime('update', '--memory', '64m', bundle.id);
  const { linux } = JSON.parse(readFileSync(join(bundle.root, bundle.id, 'config.json'), 'utf8'));
  assert.equal(linux.resources.pids.limit, 40);
  assert.equal(linux.resources.cpu.quota, 30000);
  assert.equal(linux.resources.memory.limit, 2 ** 26);
  // An ordinary user's container has no device rules to lose.
  if (!bundle.user) assert.ok(linux.resources.devices.length > 0);
});

test('if the kernel refuses a limit, nothing changes', { skip: needsContainers }, async (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  bundle.runtime('update', '--memory', '64m', '--pids-limit', '50', bundle.id);
  const before = limits(bundle);
  const refused = bundle.runtime('update', '--pids-limit', '60', '--cpuset-cpus', '999', bundle.id);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /limitResources: linux\.resources\.cpu\.cpus: .*cpuset\.cpus/);
  assert.deepEqual(limits(bundle), before);
  for (const [flags, message] of [
    [['--memory', 'much'], /invalid value for memory: invalid size: 'much'/],
    [['--memory', '5xb'], /invalid value for memory: invalid suffix: 'xb'/],
    [['--cpu-share', '-5'], /invalid value for cpu-share/],
  ] as const) {
    const wrong = bundle.runtime('update', ...flags, bundle.id);
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, message);
  }
  bundle.runtime('kill', bundle.id, 'KILL');
  await waitFor(() => bundle.state().status === 'stopped');
  const late = bundle.runtime('update', '--memory', '64m', bundle.id);
  assert.match(late.stderr, /container not running/);
  assert.match(
    bundle.runtime('update', '--memory', '64m', 'nobody').stderr,
    /container does not exist/,
  );
});
