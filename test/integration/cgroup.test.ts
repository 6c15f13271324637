import assert from 'node:assert/strict';
import { readFileSync, rmdirSync } from 'node:fs';
import { test } from 'node:test';
import { makeBundle, needsRoot, type TestSpec } from '../support/bundle.ts';
import { cgroupVersion, needsControllers } from '../support/host/cgroup-files.ts';
import { cgroupsNamed, hierarchies } from '../support/run/leftovers.ts';
import { runScript, sameOutput } from '../support/run-script.ts';

const options = { skip: needsRoot };
const limited = { skip: needsRoot || needsControllers };
const limitedV1 = { skip: limited.skip || (cgroupVersion !== 1 && 'needs cgroup v1') };

test('the container has a cgroup in every hierarchy; delete removes all', options, (t) => {
  const bundle = makeBundle(t, { args: ['sh', '-c', 'sleep 1000 & sleep 1000'] });
  bundle.runDetached();
  const { pid } = bundle.state();
  const cgroups = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
  for (const line of cgroups) assert.ok(line.endsWith(`/${bundle.id}`), line);
  const directories = cgroupsNamed(bundle.id);
  assert.equal(directories.length, hierarchies().length);
  for (const directory of directories) {
    const inside = readFileSync(`${directory}/cgroup.procs`, 'utf8').split('\n');
    assert.ok(inside.includes(String(pid)), directory);
  }
  bundle.runtime('delete', '--force', bundle.id);
  assert.deepEqual(cgroupsNamed(bundle.id), []);
});

test(
  '--cgroup-manager disabled: the container stays in davit’s cgroup, and its limits are ignored',
  options,
  (t) => {
    const spec = (config: TestSpec): void => {
      config.linux.cgroupsPath = '/of-nobody';
      config.linux.resources = { memory: { limit: 1 } };
    };
    const bundle = makeBundle(t, { args: ['sleep', '1000'], spec });
    const disabled = ['--cgroup-manager=disabled', 'run', '-d', '--bundle', bundle.dir, bundle.id];
    const ran = bundle.runtime(...disabled);
    assert.equal(ran.status, 0, ran.stderr);
    assert.match(ran.stderr, /linux\.resources: ignored/);
    const ours = readFileSync('/proc/self/cgroup', 'utf8');
    assert.equal(readFileSync(`/proc/${bundle.state().pid}/cgroup`, 'utf8'), ours);
    assert.deepEqual(cgroupsNamed(bundle.id), []);
    const paused = bundle.runtime('pause', bundle.id);
    assert.match(paused.stderr, /cgroups not configured for container/);
    const killed = bundle.runtime('kill', bundle.id, 'KILL');
    assert.equal(killed.status, 0, killed.stderr);
  },
);

test('an unknown cgroup manager is refused', options, (t) => {
  const bundle = makeBundle(t);
  const { status, stderr } = bundle.runtime('--cgroup-manager', 'cgroupsfs', 'list');
  assert.equal(status, 1);
  assert.match(
    stderr,
    /invalid cgroup-manager: "cgroupsfs" is none of cgroupfs, systemd, disabled/,
  );
});

test('cgroupsPath may be absolute or relative', options, (t) => {
  for (const prefix of ['/', '']) {
    const bundle = makeBundle(t, { args: ['cat', '/proc/self/cgroup'] });
    bundle.configure((spec) => {
      spec.process.args = ['cat', '/proc/self/cgroup'];
      spec.linux.cgroupsPath = `${prefix}${bundle.id}-top/below`;
      spec.linux.namespaces = spec.linux.namespaces.filter(({ type }) => type !== 'cgroup');
    });
    const { stdout, stderr } = bundle.run();
    assert.match(stdout, new RegExp(`${prefix}${bundle.id}-top/below$`, 'm'), stderr);
    // Only the last part of the path is removed, as in runc: the parent may have other containers.
    const left = cgroupsNamed(bundle.id);
    for (const directory of left) assert.ok(directory.endsWith('-top'), directory);
    for (const directory of left) rmdirSync(directory);
  }
});

test('limits of config.json are in the files of the cgroup', limitedV1, (t) => {
  const files = [
    'memory/memory.limit_in_bytes',
    'memory/memory.soft_limit_in_bytes',
    'memory/memory.swappiness',
    'cpu/cpu.shares',
    'cpu/cpu.cfs_quota_us',
    'cpu/cpu.cfs_period_us',
    'cpuset/cpuset.cpus',
    'pids/pids.max',
  ];
  const script = `cd /sys/fs/cgroup; for f in ${files.join(' ')}; do echo $f $(cat $f); done; sort devices/devices.list`;
  const seen = sameOutput(t, script, (spec) => {
    spec.linux.resources = {
      ...spec.linux.resources,
      memory: { limit: 64 << 20, reservation: 32 << 20, swappiness: 10 },
      cpu: { shares: 512, quota: 50_000, period: 100_000, cpus: '0' },
      pids: { limit: 40 },
    };
  });
  assert.match(seen, /^memory\/memory.limit_in_bytes 67108864$/m);
  assert.match(seen, /^cpu\/cpu.cfs_quota_us 50000$/m);
  assert.match(seen, /^cpuset\/cpuset.cpus 0$/m);
  assert.match(seen, /^pids\/pids.max 40$/m);
});

test('the memory limit holds, and 512 KiB are enough for /bin/true', limited, (t) => {
  const limitedTo = (limit: number) => (spec: TestSpec) => {
    spec.linux.resources!.memory = { limit, swap: limit };
  };
  const greedy = runScript(t, 'head -c 64m /dev/zero | tail -c 60m > /dev/null', {
    spec: limitedTo(16 << 20),
  });
  assert.equal(greedy.status, 137, greedy.stderr);
  const bundle = makeBundle(t, { args: ['true'], spec: limitedTo(512 << 10) });
  const { status, stderr } = bundle.run();
  assert.equal(status, 0, stderr);
});

test('the pids limit holds', options, (t) => {
  // At the pids limit, the shell can run only builtins.
  const script = `
    (for i in 1 2 3 4 5 6 7 8 9; do sleep 60 & done) 2>/dev/shm/err
    read -r line </dev/shm/err
    echo "\${line#*sh: }"`;
  const seen = sameOutput(t, script, (spec) => {
    spec.linux.resources!.pids = { limit: 6 };
  });
  assert.match(seen, /can't fork: Resource temporarily unavailable/);
});

test('the cpu quota holds', limited, (t) => {
  const script = `
    i=0; while [ $i -lt 30000 ]; do i=$((i + 1)); done
    grep nr_throttled /sys/fs/cgroup/${cgroupVersion === 1 ? 'cpu/' : ''}cpu.stat`;
  const { stdout, stderr } = runScript(t, script, {
    spec: (spec) => {
      spec.linux.resources!.cpu = { quota: 10_000, period: 100_000 };
    },
  });
  assert.match(stdout, /nr_throttled [1-9]/, stderr);
});

test('exec runs the program in the container’s cgroup', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const inside = bundle.exec('cat', '/proc/self/cgroup').stdout;
  assert.equal(inside, bundle.exec('cat', '/proc/1/cgroup').stdout);
});

test('an error names the limit that the kernel refuses, and nothing is left', limited, (t) => {
  const bundle = makeBundle(t, {
    spec: (spec) => {
      spec.linux.resources!.cpu = { cpus: '4000' };
    },
  });
  const { status, stderr } = bundle.create();
  assert.equal(status, 1);
  assert.match(stderr, /^davit: create \S+: .*linux\.resources.*cpu.*4000/);
  bundle.expectNothingLeft();
});
