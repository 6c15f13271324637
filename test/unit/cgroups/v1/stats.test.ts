import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openCgroup } from '../../../../src/cgroups/open.ts';
import { readStats } from '../../../../src/cgroups/usage/read-stats.ts';
import { stringifyJson } from '../../../../src/config/json.ts';
import { needsRoot } from '../../../support/bundle.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { runcContainer } from '../runc-container.ts';
import { attach, testCgroup, testProcess, uniqueName } from '../test-cgroup.ts';

const options = { skip: needsRoot };

test('statistics are the same as in runc events --stats', options, (t) => {
  const id = uniqueName();
  const root = runcContainer(t, id, {
    cgroupsPath: `/${id}`,
    resources: { memory: { limit: 64 << 20 }, pids: { limit: 100 }, cpu: { quota: 50_000 } },
  });
  const read = () => {
    const cgroup = openCgroup({ id, cgroupsPath: `/${id}`, rootless: false });
    return JSON.parse(stringifyJson(readStats(cgroup)));
  };
  // init only waits: a difference comes from runc's own process.
  for (let tries = 1; ; tries++) {
    const theirs = JSON.parse(
      execFileSync('runc', ['--root', root, 'events', '--stats', id], { encoding: 'utf8' }),
    ).data;
    // runc 1.5 leaves out entries that are all zeros; Debian's 1.1 does not.
    if (Object.keys(theirs.cpu.throttling).length === 0) delete theirs.cpu.throttling;
    try {
      assert.deepEqual(read(), theirs);
      return;
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
});

test('a process’s usage is counted', options, async (t) => {
  const cgroup = testCgroup(t);
  cgroup.create();
  const child = await testProcess(t, 'while :; do :; done');
  attach(cgroup, child);
  const total = (): number => Number(readStats(cgroup).cpu.usage!.total ?? 0);
  await waitFor(() => total() >= 20_000_000);
  const used = total();
  // Nanoseconds on a CPU: proc_pid_schedstat(5).
  const [own] = readFileSync(`/proc/${child.pid}/schedstat`, 'utf8').split(' ');
  assert.ok(used <= Number(own), `${used} ns, and the process used ${own}`);
  assert.deepEqual(readStats(cgroup).pids, { current: 1 });
});

test('counts beyond 2^53 are printed with every digit', options, (t) => {
  const cgroup = testCgroup(t);
  cgroup.create();
  assert.match(stringifyJson(readStats(cgroup)), /"limit":9223372036854771712,/);
});

test('a removed cgroup has no statistics', (t) => {
  const { memory, pids, cpu } = readStats(testCgroup(t));
  assert.deepEqual({ memory, pids, cpu }, { memory: {}, pids: {}, cpu: {} });
});
