import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { watchOom } from '../../../../src/cgroups/usage/oom.ts';
import { needsRoot } from '../../../support/bundle.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { attach, testCgroup, testProcess } from '../test-cgroup.ts';

const options = { skip: needsRoot };

const EATER = 'x=$(head -c 200000000 /dev/zero | tr "\\0" x)';

test('a watch reports an out-of-memory kill, and the end of the container', options, async (t) => {
  const cgroup = testCgroup(t);
  cgroup.create();
  cgroup.apply({ memory: { limit: 16 << 20, swap: 16 << 20 } });
  let notices = 0;
  const watch = watchOom(cgroup, () => notices++);
  const child = await testProcess(t, EATER);
  attach(cgroup, child);
  await once(child, 'exit');
  cgroup.killAll();
  await waitFor(() => notices > 0);
  cgroup.destroy();
  await watch.ended;
});

test('a watch can be closed', options, async (t) => {
  const cgroup = testCgroup(t);
  cgroup.create();
  const before = readdirSync('/proc/self/fd').length;
  const watch = watchOom(cgroup, () => assert.fail('nothing ran out of memory'));
  watch.close();
  await watch.ended;
  assert.equal(readdirSync('/proc/self/fd').length, before);
});

test('without a cgroup there is nothing to watch', (t) => {
  assert.throws(() => watchOom(testCgroup(t), () => {}), { code: 'ENOENT' });
});
