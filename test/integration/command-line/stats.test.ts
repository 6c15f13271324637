import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { ContainerUsage } from '../../../src/operations/observe/usage.ts';
import { makeBundle, needsRoot } from '../../support/bundle.ts';

test('stats shows the resource use of containers', { skip: needsRoot }, async (t) => {
  const bundle = makeBundle(t, {
    args: ['sh', '-c', 'while :; do :; done'],
    spec: ({ linux }) => {
      linux.resources = { ...linux.resources, memory: { limit: 2 ** 26 }, pids: { limit: 9 } };
    },
  });
  const { id } = bundle;
  const unknown = bundle.runtime('stats', id);
  assert.deepEqual([unknown.status, unknown.stdout], [1, '']);
  assert.match(unknown.stderr, /container does not exist/);

  bundle.runDetached();
  const json = bundle.runtime('stats', '--json');
  assert.equal(json.status, 0, json.stderr);
  const [usage, ...others] = JSON.parse(json.stdout) as ContainerUsage[];
  assert.deepEqual(others, []);
  assert.equal(usage!.id, id);
  assert.ok(usage!.cpu.percent > 0 && usage!.cpu.percent < 300, String(usage!.cpu.percent));
  assert.ok(usage!.memory.usage > 0);
  assert.equal(usage!.memory.limit, 2 ** 26);
  assert.deepEqual(usage!.pids, { current: 1, limit: 9 });

  const lines = bundle.runtime('stats', id).stdout.split('\n');
  assert.match(lines[0]!, /^ID +CPU +MEMORY +LIMIT +PIDS +LIMIT +READ +WRITTEN$/);
  assert.match(lines[1]!, new RegExp(`^${id} +\\d+\\.\\d% +\\d.* KiB +64 MiB +1 +9 +`));

  const following = bundle.startRuntime({}, 'stats', '--json', '--interval', '50ms', id);
  let looks = '';
  following.stdout!.on('data', (text) => {
    looks += text;
  });
  const ended = once(following, 'exit');
  await once(following.stdout!, 'data');
  bundle.runtime('kill', id, 'KILL');
  assert.deepEqual(await ended, [0, null]);
  for (const look of looks.trim().split('\n')) assert.equal(JSON.parse(look).length, 1);

  const stopped = bundle.runtime('stats', id);
  assert.equal(stopped.status, 1);
  assert.match(stopped.stderr, /is not running/);
  assert.deepEqual(JSON.parse(bundle.runtime('stats', '--json').stdout), []);
  assert.match(bundle.runtime('stats', '--interval', '0').stderr, /--interval "0"/);
});
