import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeBundle, type TestSpec } from '../../support/bundle.ts';
import { cgroupOf } from '../../support/host/cgroup-files.ts';
import { runScript, sameOutput } from '../../support/run-script.ts';
import { waitFor } from '../../support/wait-for.ts';

const limited = ({ linux }: TestSpec): void => {
  linux.resources = {
    memory: { limit: 64 << 20 },
    cpu: { quota: 50_000, period: 100_000, cpus: '0' },
    pids: { limit: 40 },
  };
};

test('limits of a delegated cgroup are in its files, as with runc', (t) => {
  const files = 'memory.max cpu.max cpuset.cpus pids.max';
  const script = `cd /sys/fs/cgroup; for f in ${files}; do echo $f $(cat $f); done; cat /proc/self/cgroup`;
  const seen = sameOutput(t, script, limited);
  assert.equal(seen, 'memory.max 67108864\ncpu.max 50000 100000\ncpuset.cpus 0\npids.max 40\n0::/');
});

test('exec joins the cgroup, and the memory limit applies to both programs', (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'], spec: limited });
  bundle.runDetached();
  const cgroup = cgroupOf(bundle.state().pid, 'memory');
  assert.ok(cgroup.endsWith(`/${bundle.id}`), cgroup);
  assert.equal(bundle.exec('cat', '/proc/self/cgroup').stdout, '0::/\n');
  const greedy = bundle.exec('sh', '-c', 'head -c 128m /dev/zero | tail -c 120m >/dev/null');
  assert.notEqual(greedy.status, 0);
  assert.match(readFileSync(`${cgroup}/memory.events`, 'utf8'), /^oom_kill [1-9]/m);
});

test('kill --all and delete --force reach orphans, without a pid namespace', async (t) => {
  const bundle = makeBundle(t, {
    args: ['sh', '-c', 'setsid sleep 1001 & setsid sleep 1002 & sleep 1000'],
    spec: ({ linux, mounts }) => {
      linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'pid');
      // Binds the host's /proc: a new procfs needs a pid namespace.
      mounts[0] = { destination: '/proc', type: 'bind', source: '/proc', options: ['rbind'] };
    },
  });
  bundle.runDetached();
  const processes = () =>
    readFileSync(`${cgroup}/cgroup.procs`, 'utf8').split('\n').filter(Boolean).length;
  const cgroup = cgroupOf(bundle.state().pid, 'pids');
  await waitFor(() => processes() === 3);
  const killed = bundle.runtime('kill', '--all', bundle.id, 'KILL');
  assert.equal(killed.status, 0, killed.stderr);
  await waitFor(() => processes() === 0);
  assert.equal(bundle.runtime('delete', '--force', bundle.id).status, 0);
  bundle.expectNothingLeft();
});

test('a cgroup of another user is refused, and nothing is left', (t) => {
  const { status, stderr } = runScript(t, 'true', {
    spec: ({ linux }) => {
      linux.cgroupsPath = '/system.slice/not-ours';
    },
  });
  assert.equal(status, 1);
  assert.match(stderr, /createCgroup: .*\/system\.slice\/not-ours.*EACCES/);
});
