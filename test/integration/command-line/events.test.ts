import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Bundle, makeBundle, needsContainers } from '../../support/bundle.ts';
import { patience } from '../../support/patience.ts';
import { waitFor } from '../../support/wait-for.ts';

/** Follows `events` and collects its lines. */
function follow(bundle: Bundle, ...flags: string[]) {
  const child = bundle.startRuntime({}, 'events', ...flags, bundle.id);
  let text = '';
  child.stdout!.on('data', (data: Buffer) => {
    text += data;
  });
  const notices = () =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { type: string; id: string; data?: Stats });
  return { child, ended: once(child, 'exit'), notices };
}

interface Stats {
  cpu: { usage: { total: number } };
  memory: { usage: { limit: number; usage: number } };
  pids: { current: number; limit?: number };
}

/**
 * The names of the entries that both runtimes must have. runc before 1.3 has no psi, and prints
 * entries that are all zeros. A cache entry may be empty.
 */
const keys = (stats: object): string[] =>
  Object.entries(stats)
    .filter(([name]) => name !== 'psi' && name !== 'cache')
    .filter(([, entry]) => JSON.stringify(entry) !== '{"limit":0,"failcnt":0}')
    .map(([name]) => name)
    .sort();

test("--stats has runc's entries", { skip: needsContainers }, (t) => {
  const stats = (runtime: 'davit' | 'runc') => {
    const bundle = makeBundle(t, {
      runtime,
      args: ['sleep', '1000'],
      spec: ({ linux }) => {
        linux.resources = { ...linux.resources, memory: { limit: 2 ** 27 }, pids: { limit: 99 } };
      },
    });
    bundle.runDetached();
    const { status, stdout, stderr } = bundle.runtime('events', '--stats', bundle.id);
    assert.equal(status, 0, stderr);
    const { type, id, data } = JSON.parse(stdout);
    assert.deepEqual([type, id], ['stats', bundle.id]);
    return data as Stats;
  };
  const [ours, theirs] = [stats('davit'), stats('runc')];
  assert.deepEqual(keys(ours), keys(theirs));
  assert.deepEqual(ours.pids, { current: 1, limit: 99 });
  assert.deepEqual(keys(ours.memory), keys(theirs.memory));
  assert.equal(ours.memory.usage.limit, 2 ** 27);
  assert.ok(ours.memory.usage.usage > 0 && ours.cpu.usage.total > 0);
});

test('events prints statistics at each interval, and ends with the container', {
  skip: needsContainers,
}, async (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const { ended, notices } = follow(bundle, '--interval', '20ms');
  await waitFor(() => notices().length >= 3);
  assert.ok(notices().every(({ type, id, data }) => type === 'stats' && id === bundle.id && data));
  bundle.runtime('kill', bundle.id, 'KILL');
  assert.deepEqual(await ended, [0, null]);
});

test('events ends when its reader has gone', { skip: needsContainers }, async (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const unread = follow(bundle, '--interval', '20ms');
  await waitFor(() => unread.notices().length >= 1);
  unread.child.stdout!.destroy();
  assert.deepEqual(await unread.ended, [0, null]);
});

test('events ends when the container is deleted', { skip: needsContainers }, async (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  // If it has not begun by then, there is no container for it: it gets more time.
  for (let wait = 300; ; wait *= 3) {
    bundle.runDetached();
    const patient = follow(bundle, '--interval', '1h');
    await setTimeout(wait);
    bundle.runtime('delete', '--force', bundle.id);
    const [status] = await patient.ended;
    if (status === 0) break;
    assert.ok(wait < patience(1000), `status ${status}`);
  }
});

test('events reports an out-of-memory kill', { skip: needsContainers }, async (t) => {
  const bundle = makeBundle(t, {
    // A child allocates twice the limit, so that the container itself goes on.
    args: [
      'sh',
      '-c',
      'while ! test -e /go; do usleep 10000; done; (dd if=/dev/zero of=/dev/null bs=64M count=1); sleep 1000',
    ],
    spec: ({ linux }) => {
      linux.resources = { ...linux.resources, memory: { limit: 2 ** 25, swap: 2 ** 25 } };
    },
  });
  bundle.runDetached();
  const { child, ended, notices } = follow(bundle, '--interval', '20ms');
  await waitFor(() => notices().length > 0);
  bundle.write('go', '');
  await waitFor(() => notices().some(({ type, id }) => type === 'oom' && id === bundle.id));
  child.kill();
  await ended;
});

test('what events refuses', { skip: needsContainers }, async (t) => {
  const bundle = makeBundle(t, { args: ['true'] });
  bundle.runDetached();
  await waitFor(() => bundle.state().status === 'stopped');
  const { id } = bundle;
  for (const [args, message] of [
    [['events', '--stats', id], new RegExp(`container with id ${id} is not running`)],
    [['events', '--interval', '0s', id], /duration interval must be greater than 0/],
    [['events', '--interval', 'soon', id], /invalid value "soon" for flag -interval/],
    [['events', 'nobody'], /container does not exist/],
  ] as const) {
    const refused = bundle.runtime(...args);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, message);
  }
});
