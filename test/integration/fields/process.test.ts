import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MemoryPolicy, Process } from '../../../src/config/types.ts';
import { makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { runScript, sameOutput } from '../../support/run-script.ts';

const options = { skip: needsRoot };

/** Prints nice value, real-time priority and policy: proc_pid_stat(5), fields 19, 40 and 41. */
const SCHEDULING = "awk '{ print $19, $40, $41 }' /proc/self/stat";

// Expected values are the kernel's numbers: runc 1.1 has no scheduler; 1.2 has.
for (const [scheduler, expected] of [
  [{ policy: 'SCHED_OTHER', nice: 7 }, '7 0 0'],
  [{ policy: 'SCHED_BATCH', nice: -3 }, '-3 0 3'],
  [{ policy: 'SCHED_IDLE' }, '0 0 5'],
  [{ policy: 'SCHED_FIFO', priority: 9 }, '0 9 1'],
  [{ policy: 'SCHED_RR', priority: 3, flags: ['SCHED_FLAG_RESET_ON_FORK'] }, '0 3 2'],
  [
    { policy: 'SCHED_DEADLINE', runtime: 1_000_000, deadline: 10_000_000, period: 10_000_000 },
    '0 0 6',
  ],
] as [NonNullable<Process['scheduler']>, string][]) {
  test(`scheduler: ${scheduler.policy}`, options, (t) => {
    // The program inherits the nice value of these tests if config.json sets none.
    const nice = getPriority();
    t.after(() => setPriority(nice));
    setPriority(0);
    // The program itself is checked: a shell would fork.
    const bundle = makeBundle(t, {
      args: ['awk', '{ print $19, $40, $41 }', '/proc/self/stat'],
      spec: (spec) => {
        spec.process.scheduler = scheduler;
        spec.process.capabilities = {};
        // With CONFIG_RT_GROUP_SCHED, cgroup v1 gives real-time processes no time by default.
        if (existsSync('/sys/fs/cgroup/cpu/cpu.rt_runtime_us')) {
          spec.linux.resources = { cpu: { realtimeRuntime: 1000, realtimePeriod: 1_000_000 } };
        }
      },
    });
    const done = bundle.run();
    assert.equal(done.stdout.trim(), expected, done.stderr);
  });
}

// Read on the host: ioprio_get(2) has no file in /proc, and busybox has no ionice.
// runc 1.1 has no ioPriority; 1.2 has.
for (const [ioPriority, expected] of [
  [{ class: 'IOPRIO_CLASS_RT', priority: 1 }, 'realtime: prio 1'],
  [{ class: 'IOPRIO_CLASS_BE', priority: 6 }, 'best-effort: prio 6'],
  [{ class: 'IOPRIO_CLASS_IDLE' }, 'idle'],
] as [NonNullable<Process['ioPriority']>, string][]) {
  test(`ioPriority: ${ioPriority.class}`, options, (t) => {
    const bundle = makeBundle(t, {
      args: ['sleep', '1000'],
      spec: (spec) => {
        spec.process.ioPriority = ioPriority;
      },
    });
    bundle.runDetached();
    const { pid } = bundle.state();
    assert.equal(bundle.command('ionice', '-p', String(pid)).stdout.trim(), expected);
  });
}

test('apparmorProfile and selinuxLabel are errors if the host has neither', options, (t) => {
  const label = runScript(t, 'true', {
    spec: (spec) => {
      spec.process.selinuxLabel = 'system_u:system_r:container_t:s0';
    },
  });
  assert.equal(label.status, 1);
  assert.match(label.stderr, /process\.selinuxLabel.*SELinux/);
  const profile = runScript(t, 'true', {
    spec: (spec) => {
      spec.process.apparmorProfile = 'none-such';
    },
  });
  assert.equal(profile.status, 1);
  assert.match(profile.stderr, /process\.apparmorProfile.*AppArmor/i);
});

test('umask and additionalGids', options, (t) => {
  const seen = sameOutput(t, 'umask; id -G', (spec) => {
    spec.process.user = { uid: 7, gid: 8, umask: 0o027, additionalGids: [9, 10] };
  });
  assert.equal(seen, '0027\n8 9 10');
});

test('a missing cwd is made, owned by root; a cwd that is a file is refused', options, (t) => {
  const at =
    (cwd: string) =>
    (spec: TestSpec): void => {
      spec.process.cwd = cwd;
      spec.root.readonly = false;
    };
  assert.equal(
    sameOutput(t, 'pwd; stat -c "%a %u" .', at('/made/of/parts')),
    '/made/of/parts\n755 0',
  );
  const refused = runScript(t, 'true', { spec: at('/etc/passwd') });
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /process\.cwd.*(ENOTDIR|EEXIST|not a directory)/i);
});

test('--user takes numbers only', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const as = (user: string) => bundle.runtime('exec', '--user', user, bundle.id, 'id', '-u');
  assert.equal(as('5').stdout, '5\n');
  for (const user of [':', 'root', '1:', '1:x', '-1', '1.5', '0x1', '1 ', '4294967296']) {
    assert.notEqual(as(user).status, 0, JSON.stringify(user));
  }
});

/** As in /proc/PID/numa_maps (mpol_to_str in the kernel's mm/mempolicy.c). */
const POLICIES: [policy: MemoryPolicy, expected: string][] = [
  [{ mode: 'MPOL_DEFAULT' }, 'default'],
  [{ mode: 'MPOL_LOCAL' }, 'local'],
  [{ mode: 'MPOL_BIND', nodes: '0' }, 'bind:0'],
  [{ mode: 'MPOL_INTERLEAVE', nodes: '0' }, 'interleave:0'],
  [{ mode: 'MPOL_PREFERRED', nodes: '0' }, 'prefer:0'],
  [{ mode: 'MPOL_PREFERRED_MANY', nodes: '0' }, 'prefer (many):0'],
  [{ mode: 'MPOL_WEIGHTED_INTERLEAVE', nodes: '0' }, 'weighted interleave:0'],
  [{ mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_STATIC_NODES'] }, 'bind=static:0'],
  [{ mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_RELATIVE_NODES'] }, 'bind=relative:0'],
  [{ mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_NUMA_BALANCING'] }, 'bind=balancing:0'],
];

test('memoryPolicy: each mode and each flag', {
  skip: needsRoot || (!existsSync('/proc/self/numa_maps') && 'the kernel has no NUMA'),
}, (t) => {
  // runc 1.1 has no memoryPolicy; 1.4 has.
  for (const [memoryPolicy, expected] of POLICIES) {
    const seen = runScript(t, 'grep -m1 . /proc/self/numa_maps', {
      spec: (spec) => {
        spec.linux.memoryPolicy = memoryPolicy;
      },
    });
    // The kernel is older than the mode.
    if (seen.status !== 0) assert.match(seen.stderr, /linux\.memoryPolicy.*EINVAL/);
    else assert.equal(seen.stdout.replace(/^\w+ (.*?) \S+=.*\n/, '$1'), expected);
  }
});

test('intelRdt is an error on a host without resctrl', options, (t) => {
  const done = runScript(t, 'true', {
    spec: (spec) => {
      spec.linux.intelRdt = { l3CacheSchema: 'L3:0=f' };
    },
  });
  assert.match(done.stderr, /linux\.intelRdt.*resctrl/);
});

test('exec --process sets scheduler, oomScoreAdj, rlimits and capabilities', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const file = join(bundle.dir, 'process.json');
  const script = `${SCHEDULING}; cat /proc/self/oom_score_adj; ulimit -n; grep CapEff /proc/self/status`;
  const program: Process = {
    args: ['sh', '-c', script],
    cwd: '/',
    env: ['PATH=/bin'],
    user: { uid: 0, gid: 0 },
    scheduler: { policy: 'SCHED_BATCH', nice: 4 },
    oomScoreAdj: 77,
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 33, hard: 44 }],
    capabilities: { bounding: ['CAP_KILL'], effective: ['CAP_KILL'], permitted: ['CAP_KILL'] },
  };
  writeFileSync(file, JSON.stringify(program));
  const { stdout, stderr } = bundle.runtime('exec', '--process', file, bundle.id);
  assert.equal(stdout, '4 0 3\n77\n33\nCapEff:\t0000000000000020\n', stderr);
});

// The process forks to enter the pid namespace: sched(7) says which policies do not outlast that.
for (const [scheduler, expected] of [
  [{ policy: 'SCHED_BATCH', nice: 4, flags: ['SCHED_FLAG_RESET_ON_FORK'] }, '4 0 3'],
  [{ policy: 'SCHED_DEADLINE', runtime: 42_000, deadline: 100_000, period: 1_000_000 }, '0 0 6'],
] as [NonNullable<Process['scheduler']>, string][]) {
  test(`exec sets a policy that children do not inherit: ${scheduler.policy}`, options, (t) => {
    const bundle = makeBundle(t, { args: ['sleep', '1000'] });
    bundle.runDetached();
    const [file, pidFile] = [join(bundle.dir, 'process.json'), join(bundle.dir, 'exec.pid')];
    const program: Process = {
      ...{ args: ['/bin/sleep', '1000'], cwd: '/', user: { uid: 0, gid: 0 }, scheduler },
    };
    writeFileSync(file, JSON.stringify(program));
    const args = ['--detach', '--pid-file', pidFile, '--process', file];
    const { status, stderr } = bundle.runtime('exec', ...args, bundle.id);
    assert.equal(status, 0, stderr);
    const fields = readFileSync(`/proc/${readFileSync(pidFile, 'utf8')}/stat`, 'utf8').split(' ');
    // nice, rt_priority, policy: proc_pid_stat(5)
    assert.equal([fields[18], fields[39], fields[40]].join(' '), expected);
  });
}

test('exec refuses a paused container; --ignore-paused waits for resume', options, async (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  assert.equal(bundle.runtime('pause', bundle.id).status, 0);
  const refused = bundle.exec('true');
  assert.notEqual(refused.status, 0);
  assert.match(refused.stderr, /paused/);
  const waiting = bundle.startRuntime({}, 'exec', '--ignore-paused', bundle.id, 'echo', 'resumed');
  let output = '';
  waiting.stdout!.on('data', (data) => {
    output += data;
  });
  const ended = new Promise<number | null>((resolve) => waiting.on('close', resolve));
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(output, '');
  assert.equal(bundle.runtime('resume', bundle.id).status, 0);
  assert.equal(await ended, 0);
  assert.equal(output, 'resumed\n');
});
