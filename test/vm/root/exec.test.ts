import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeBundle, type TestSpec } from '../../support/bundle.ts';
import { waitFor } from '../../support/wait-for.ts';

/**
 * Moves init into a new cgroup and enables the memory controller below, as systemd in a container
 * does.
 */
const NEST = `
  cd /sys/fs/cgroup; mkdir init; echo 1 >init/cgroup.procs
  echo +memory >cgroup.subtree_control; exec sleep 1000`;

const nesting = (limit: number | undefined) => (spec: TestSpec) => {
  if (limit !== undefined) spec.linux.resources = { memory: { limit } };
  const cgroup = spec.mounts.find(({ type }) => type === 'cgroup')!;
  cgroup.options = cgroup.options!.filter((option) => option !== 'ro');
};

for (const runtime of ['davit', 'runc'] as const) {
  for (const limit of [undefined, 256 << 20]) {
    const memory = limit === undefined ? 'no limit' : 'a limit';
    test(`${runtime}: exec joins init’s new cgroup, with ${memory} on memory`, async (t) => {
      const bundle = makeBundle(t, { runtime, args: ['sh', '-c', NEST], spec: nesting(limit) });
      bundle.runDetached();
      const handedOn = `/proc/${bundle.state().pid}/root/sys/fs/cgroup/cgroup.subtree_control`;
      await waitFor(() => readFileSync(handedOn, 'utf8') === 'memory\n');
      const { stdout, stderr } = bundle.exec('cat', '/proc/self/cgroup');
      assert.deepEqual([stdout, stderr], ['0::/init\n', '']);
    });
  }
}
