import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Bundle, makeBundle, needsContainers, type TestSpec } from '../../support/bundle.ts';
import { cgroupOf, cgroupVersion } from '../../support/host/cgroup-files.ts';
import { waitFor } from '../../support/wait-for.ts';

const limited = (limit: number) => ({
  spec: ({ linux }: TestSpec) => {
    linux.resources = { ...linux.resources, memory: { limit } };
  },
});

/** A file of the container's memory cgroup, by its name in each version. */
const memoryFile = (bundle: Bundle, v1: string, v2: string): string =>
  join(cgroupOf(bundle.state().pid, 'memory'), cgroupVersion === 2 ? v2 : v1);

test('/bin/true runs within 512 KiB of memory every time', {
  skip: needsContainers,
}, async (t) => {
  const times = Number(process.env.DAVIT_TEST_RUNS ?? 10);
  const bundle = makeBundle(t, limited(512 * 1024));
  for (let i = 0; i < times; i++) {
    const created = bundle.create();
    assert.equal(created.status, 0, created.stderr);
    const events = memoryFile(bundle, 'memory.oom_control', 'memory.events');
    const started = bundle.start();
    assert.equal(started.status, 0, started.stderr);
    await waitFor(() => bundle.state().status === 'stopped');
    // The program's own pages may reach the limit, but the kernel must not kill anything.
    assert.match(readFileSync(events, 'utf8'), /^oom_kill 0$/m);
    assert.equal(bundle.runtime('delete', bundle.id).status, 0);
  }
});

test('a container that waits for start uses at most 64 KiB', {
  skip: needsContainers,
}, (t) => {
  const bundle = makeBundle(t);
  bundle.create();
  const rollup = readFileSync(`/proc/${bundle.state().pid}/smaps_rollup`, 'utf8');
  const kib = Number(/^Rss:\s+(\d+) kB/m.exec(rollup)![1]);
  assert.ok(kib <= 64, `${kib} KiB`);
  const charged = readFileSync(memoryFile(bundle, 'memory.stat', 'memory.stat'), 'utf8');
  assert.ok(Number(/^(?:rss|anon) (\d+)$/m.exec(charged)![1]) <= 64 * 1024, charged);
});

test('exec works with 1 MiB of memory', { skip: needsContainers }, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'], ...limited(2 ** 20) });
  bundle.runDetached();
  for (let i = 0; i < 5; i++) {
    const done = bundle.exec('true');
    assert.equal(done.status, 0, done.stderr);
  }
});
