import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { Cgroup } from '../../../../src/cgroups/cgroup.ts';
import type { LinuxResources } from '../../../../src/config/types.ts';
import { FieldError } from '../../../../src/errors/stage-error.ts';
import { needsRoot } from '../../../support/bundle.ts';
import { attach, contents, testCgroup, testProcess } from '../test-cgroup.ts';

const options = { skip: needsRoot };

const NO_LIMIT = '9223372036854771712';
const MiB = 1 << 20;

function created(t: TestContext, resources: LinuxResources = {}): Cgroup {
  const cgroup = testCgroup(t);
  cgroup.create(resources);
  cgroup.apply(resources);
  return cgroup;
}

function failsAt(configPath: string, message: RegExp, action: () => void): void {
  assert.throws(action, (error: unknown) => {
    assert.ok(error instanceof FieldError, String(error));
    assert.equal(error.configPath, configPath);
    assert.match(error.message, message);
    return true;
  });
}

const limits = (cgroup: Cgroup): string[] => [
  contents(cgroup, 'memory', 'memory.limit_in_bytes'),
  contents(cgroup, 'memory', 'memory.memsw.limit_in_bytes'),
];

test('memory: limits can be raised and lowered together', options, (t) => {
  const cgroup = created(t, { memory: { limit: 64 * MiB, swap: 64 * MiB } });
  cgroup.apply({ memory: { limit: 256 * MiB, swap: 512 * MiB } });
  assert.deepEqual(limits(cgroup), [String(256 * MiB), String(512 * MiB)]);
  cgroup.apply({ memory: { limit: 32 * MiB, swap: 48 * MiB } });
  assert.deepEqual(limits(cgroup), [String(32 * MiB), String(48 * MiB)]);
  cgroup.apply({ memory: { limit: 16 * MiB, swap: -1 } });
  assert.deepEqual(limits(cgroup), [String(16 * MiB), NO_LIMIT]);
});

test('memory: a limit of -1 removes the swap limit as well', options, (t) => {
  const cgroup = created(t, { memory: { limit: 64 * MiB, swap: 128 * MiB } });
  cgroup.apply({ memory: { limit: -1 } });
  assert.deepEqual(limits(cgroup), [NO_LIMIT, NO_LIMIT]);
});

test('memory: a number above 2^53 is written exactly', options, (t) => {
  const cgroup = created(t, { memory: { limit: 9_223_372_036_854_767_616n } });
  assert.equal(limits(cgroup)[0], '9223372036854767616');
});

test('memory: a limit below the current usage is refused, in runc’s words', options, async (t) => {
  const cgroup = created(t);
  const child = await testProcess(t, 'x=$(head -c 20000000 /dev/zero | tr "\\0" x); sleep 60');
  attach(cgroup, child);
  while (Number(contents(cgroup, 'memory', 'memory.usage_in_bytes')) < 20_000_000) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  failsAt(
    'linux.resources.memory.limit',
    /^unable to set memory limit to 4096 \(current usage: \d+, peak usage: \d+\)$/,
    () => cgroup.apply({ memory: { limit: 4096 } }),
  );
});

test('memory: swappiness outside of 0 to 100 is refused', options, (t) => {
  const cgroup = created(t, { memory: { swappiness: 0 } });
  assert.equal(contents(cgroup, 'memory', 'memory.swappiness'), '0');
  cgroup.apply({ memory: { swappiness: -1 } });
  failsAt(
    'linux.resources.memory.swappiness',
    /^invalid memory swappiness value: 101 \(valid range is 0-100\)$/,
    () => cgroup.apply({ memory: { swappiness: 101 } }),
  );
});

test('cpu: shares that the kernel clamps are refused, in runc’s words', options, (t) => {
  const cgroup = created(t, { cpu: { shares: 2 } });
  assert.equal(contents(cgroup, 'cpu', 'cpu.shares'), '2');
  const path = 'linux.resources.cpu.shares';
  failsAt(path, /^the minimum allowed cpu-shares is 2$/, () =>
    cgroup.apply({ cpu: { shares: 1 } }),
  );
  failsAt(path, /^the maximum allowed cpu-shares is 262144$/, () =>
    cgroup.apply({ cpu: { shares: 262_145 } }),
  );
});

test('cpu: a burst above the old quota is set after the new quota', options, (t) => {
  const cgroup = created(t, { cpu: { quota: 10_000, period: 100_000 } });
  cgroup.apply({ cpu: { quota: 90_000, burst: 80_000 } });
  assert.equal(contents(cgroup, 'cpu', 'cpu.cfs_quota_us'), '90000');
  assert.equal(contents(cgroup, 'cpu', 'cpu.cfs_burst_us'), '80000');
  failsAt('linux.resources.cpu.burst', /EINVAL/, () => cgroup.apply({ cpu: { burst: 95_000 } }));
});

test('cpu: idle', options, (t) => {
  const cgroup = created(t, { cpu: { idle: 1 } });
  assert.equal(contents(cgroup, 'cpu', 'cpu.idle'), '1');
  cgroup.apply({ cpu: { idle: 0 } });
  assert.equal(contents(cgroup, 'cpu', 'cpu.idle'), '0');
});

test('cpu: realtime limits are set before the first process joins', options, (t) => {
  const cgroup = testCgroup(t);
  cgroup.create({ cpu: { realtimeRuntime: 5000, realtimePeriod: 500_000 } });
  assert.equal(contents(cgroup, 'cpu', 'cpu.rt_runtime_us'), '5000');
  assert.equal(contents(cgroup, 'cpu', 'cpu.rt_period_us'), '500000');
});

test(
  'cpuset: settings that config.json lacks are inherited by all new directories',
  options,
  (t) => {
    const parent = testCgroup(t);
    const { path } = parent.hierarchies[0]!;
    const cgroup = testCgroup(t, `${path}/a/b`);
    t.after(() => cgroup.destroy());
    cgroup.create({ cpu: { cpus: '1' } });
    assert.equal(contents(cgroup, 'cpuset', 'cpuset.cpus'), '1');
    assert.equal(contents(cgroup, 'cpuset', 'cpuset.mems'), '0');
    assert.equal(contents(parent, 'cpuset', 'cpuset.cpus'), '0-1');
    failsAt('linux.resources.cpu.mems', /^write "9" to .*cpuset\.mems: /, () =>
      cgroup.apply({ cpu: { mems: '9' } }),
    );
  },
);

test('pids: limit 0 becomes 1, and a negative limit is no limit', options, (t) => {
  const cgroup = created(t, { pids: { limit: 0 } });
  assert.equal(contents(cgroup, 'pids', 'pids.max'), '1');
  cgroup.apply({ pids: { limit: -7 } });
  assert.equal(contents(cgroup, 'pids', 'pids.max'), 'max');
  cgroup.apply({ pids: {} });
});

test('blkio: weights are set in BFQ if the kernel has no CFQ', options, (t) => {
  const cgroup = created(t, { blockIO: { weight: 300 } });
  assert.equal(contents(cgroup, 'blkio', 'blkio.bfq.weight'), '300');
  failsAt('linux.resources.blockIO.weight', /^write "1001" to .*blkio\.bfq\.weight: /, () =>
    cgroup.apply({ blockIO: { weight: 1001 } }),
  );
  failsAt('linux.resources.blockIO.throttleReadBpsDevice[1]', /^write "99:99 1" to /, () =>
    cgroup.apply({
      blockIO: {
        throttleReadBpsDevice: [
          { major: 254, minor: 0, rate: 10 },
          { major: 99, minor: 99, rate: 1 },
        ],
      },
    }),
  );
});

test('devices: an update changes them only if it lists devices', options, (t) => {
  const cgroup = created(t);
  const list = contents(cgroup, 'devices', 'devices.list');
  assert.match(list, /^c 1:3 rwm$/m);
  cgroup.apply(
    { devices: [{ allow: true, access: 'rwm' }], pids: { limit: 5 } },
    { keepDevices: true },
  );
  assert.equal(contents(cgroup, 'devices', 'devices.list'), list);
  assert.equal(contents(cgroup, 'pids', 'pids.max'), '5');
});

test('devices: rules apply to a process', options, async (t) => {
  const cgroup = created(t);
  const child = spawn(
    'sh',
    ['-c', 'read line; head -c1 </dev/kmsg >/dev/null && echo may || echo may not'],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  attach(cgroup, child);
  assert.equal((await text(child.stdout)).trim(), 'may not');
});
