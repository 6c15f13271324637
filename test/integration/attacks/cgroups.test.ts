import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { cgroupOf } from '../../support/host/cgroup-files.ts';
import { cgroupsNamed } from '../../support/run/leftovers.ts';
import { waitFor } from '../../support/wait-for.ts';

const UNIFIED = '/sys/fs/cgroup/unified';
const FREEZER = '/sys/fs/cgroup/freezer';
/** The name contains the test run's name, so that the check for leftovers finds the cgroup. */
const PLACE = `${basename(tmpdir())}-occupied`;

test('ps and delete --force reach a process in cgroups nested so deep that their path is too long', {
  skip: needsRoot,
}, async (t) => {
  const bundle = makeBundle(t, {
    args: ['sh', '-c', 'sleep 1000 & sleep 1000'],
    spec: (spec) => {
      // Without a pid namespace, the end of init does not end the other processes.
      spec.linux.namespaces = spec.linux.namespaces.filter(({ type }) => type !== 'pid');
    },
  });
  bundle.runDetached();
  const pids = () => JSON.parse(bundle.runtime('ps', '--format', 'json', bundle.id).stdout);
  await waitFor(() => pids().length === 2);
  const before = pids();
  for (const cgroup of cgroupsNamed(bundle.id)) nest(cgroup, before[1]);
  assert.deepEqual(pids().sort(), before.sort());
  const { status, stderr } = bundle.runtime('delete', '--force', bundle.id);
  assert.equal(status, 0, stderr);
});

/** Makes a chain of nested cgroups in `dir` and moves a process into the innermost. */
function nest(dir: string, pid: number): void {
  let fd = openSync(dir, 'r');
  for (let depth = 0; depth < 100; depth++) {
    const inner = `/proc/self/fd/${fd}/${'nested'.repeat(10)}`;
    mkdirSync(inner);
    const next = openSync(inner, 'r');
    closeSync(fd);
    fd = next;
  }
  try {
    writeFileSync(`/proc/self/fd/${fd}/cgroup.procs`, String(pid));
  } catch {
    // A v1 cpuset without CPUs takes no process.
  }
  closeSync(fd);
}

test('delete --force ends a container that froze itself in a cgroup below its own', {
  skip: needsRoot || (!existsSync(FREEZER) && 'needs the freezer of cgroup v1'),
}, (t) => {
  const bundle = makeBundle(t, { args: ['sh', '-c', 'sleep 1000 & sleep 1000'] });
  bundle.runDetached();
  const { pid } = bundle.state();
  const below = join(cgroupOf(pid, 'freezer'), 'below');
  mkdirSync(below);
  writeFileSync(join(below, 'tasks'), String(pid));
  writeFileSync(join(below, 'freezer.state'), 'FROZEN');
  const { status, stderr } = bundle.runtime('delete', '--force', bundle.id);
  assert.equal(status, 0, stderr);
});

test('refused: a cgroup in which the host has a process, if only in the unified hierarchy', {
  skip: needsRoot || (!existsSync(UNIFIED) && 'needs cgroup v2 beside v1'),
}, async (t) => {
  const bundle = makeBundle(t, {
    spec: (spec) => {
      spec.linux.cgroupsPath = `/${PLACE}`;
    },
  });
  const place = join(UNIFIED, PLACE);
  const host = spawn('sleep', ['1000']);
  mkdirSync(place);
  try {
    writeFileSync(join(place, 'cgroup.procs'), String(host.pid));
    const { status, stderr } = bundle.run();
    assert.notEqual(status, 0);
    assert.match(stderr, /linux\.cgroupsPath: container's cgroup is not empty: 1 process/);
  } finally {
    host.kill('SIGKILL');
    await once(host, 'exit');
    rmdirSync(place);
  }
});
