import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Davit } from '../../../src/index.ts';
import { readProcessStat } from '../../../src/state/process-stat.ts';
import { makeBundle, needsContainers, needsRoot } from '../../support/bundle.ts';
import { whatIsLeft } from '../../support/run/leftovers.ts';
import { waitFor } from '../../support/wait-for.ts';

const sleeping = { args: ['sleep', '1000'] };

test('pause, resume, and what a paused container refuses', { skip: needsContainers }, (t) => {
  const bundle = makeBundle(t, {
    args: ['sh', '-c', 'while :; do usleep 1000; date > /now; done'],
  });
  bundle.runDetached();
  const { pid } = bundle.state();
  assert.equal(bundle.runtime('pause', bundle.id).status, 0);
  assert.equal(bundle.state().status, 'paused');
  assert.equal(bundle.state().pid, pid);
  for (const [args, message] of [
    [['pause', bundle.id], /container not running/],
    [
      ['exec', bundle.id, 'true'],
      /cannot exec in a paused container \(use --ignore-paused to override\)/,
    ],
    [['start', bundle.id], /cannot start a container in the paused state/],
    [['delete', bundle.id], /cannot delete container .* that is not stopped: paused/],
  ] as const) {
    const refused = bundle.runtime(...args);
    assert.notEqual(refused.status, 0, args[0]);
    assert.match(refused.stderr, message);
  }
  assert.equal(bundle.runtime('resume', bundle.id).status, 0);
  assert.equal(bundle.state().status, 'running');
  assert.equal(bundle.exec('true').status, 0);
  const twice = bundle.runtime('resume', bundle.id);
  assert.equal(twice.status, 1);
  assert.match(twice.stderr, /container not paused/);
});

test('a container that uses all CPUs can be paused', {
  skip: needsContainers,
}, (t) => {
  const busy = 'for i in $(seq 20); do while :; do :; done & done; wait';
  const bundle = makeBundle(t, { args: ['sh', '-c', busy] });
  bundle.runDetached();
  for (let i = 0; i < 5; i++) {
    const { status, stderr } = bundle.runtime('pause', bundle.id);
    assert.equal(status, 0, stderr);
    assert.equal(bundle.runtime('resume', bundle.id).status, 0);
  }
});

test('a created container is paused, resumed and created again', { skip: needsContainers }, (t) => {
  const bundle = makeBundle(t, sleeping);
  assert.equal(bundle.create().status, 0);
  assert.equal(bundle.runtime('pause', bundle.id).status, 0);
  assert.equal(bundle.state().status, 'paused');
  assert.equal(bundle.runtime('resume', bundle.id).status, 0);
  assert.equal(bundle.state().status, 'created');
  assert.equal(bundle.start().status, 0);
});

test('an embedding program pauses, updates and measures a container', {
  skip: needsContainers,
}, async (t) => {
  const bundle = makeBundle(t, sleeping);
  bundle.runDetached();
  const container = new Davit({ root: bundle.root }).container(bundle.id);
  await container.pause();
  assert.equal((await container.state()).status, 'paused');
  await assert.rejects(container.pause(), /container not running/);
  await container.resume();
  await container.update({ pids: { limit: 77 } });
  assert.equal((await container.stats()).pids.limit, 77);
});

test('exec --ignore-paused waits for resume', { skip: needsContainers }, async (t) => {
  const bundle = makeBundle(t, sleeping);
  bundle.runDetached();
  bundle.runtime('pause', bundle.id);
  const waiting = bundle.startRuntime(
    { stdio: ['ignore', 'ignore', 'ignore'] },
    ...['exec', '--ignore-paused', bundle.id, 'sh', '-c', 'exit 7'],
  );
  const ended = new Promise((resolve) => waiting.once('exit', resolve));
  await waitFor(() => whatIsLeft(bundle.id).some((line) => line.includes('--ignore-paused')));
  assert.equal(waiting.exitCode, null);
  assert.equal(bundle.runtime('resume', bundle.id).status, 0);
  assert.equal(await ended, 7);
});

for (const [what, kill] of [
  ['kill', (id: string) => [['kill', id, 'KILL']]],
  ['kill --all', (id: string) => [['kill', '--all', id, 'KILL']]],
  ['delete --force', (id: string) => [['delete', '--force', id]]],
] as const) {
  test(`${what} of a paused container ends all processes`, { skip: needsContainers }, async (t) => {
    const bundle = makeBundle(t, { args: ['sh', '-c', 'sleep 1000 & sleep 1000'] });
    bundle.runDetached();
    bundle.runtime('pause', bundle.id);
    for (const args of kill(bundle.id)) {
      const done = bundle.runtime(...args);
      assert.equal(done.status, 0, done.stderr);
    }
    if (what !== 'delete --force') {
      await waitFor(() => bundle.state().status === 'stopped');
      assert.equal(bundle.runtime('delete', bundle.id).status, 0);
    }
    bundle.expectNothingLeft();
  });
}

test('without a pid namespace, kill --all and delete --force end all processes of the container', {
  // An ordinary user can mount a procfs only in a new pid namespace.
  skip: needsRoot,
}, async (t) => {
  const bundle = makeBundle(t, {
    args: ['sh', '-c', 'for i in 1 2 3; do setsid sleep 1000 & done; sleep 1000'],
    spec: ({ linux }) => {
      linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'pid');
    },
  });
  const pids = () =>
    JSON.parse(bundle.runtime('ps', '--format', 'json', bundle.id).stdout) as number[];
  bundle.runDetached();
  await waitFor(() => pids().length === 5 || pids().length === 4);
  const all = pids();
  // Only init is killed: the other processes go on, and the container counts as stopped.
  process.kill(bundle.state().pid, 'SIGKILL');
  await waitFor(() => bundle.state().status === 'stopped');
  assert.ok(pids().length >= 3);
  const killed = bundle.runtime('kill', '--all', bundle.id, 'KILL');
  assert.equal(killed.status, 0, killed.stderr);
  await waitFor(() => (pids() ?? []).length === 0);
  assert.equal(bundle.runtime('delete', bundle.id).status, 0);

  bundle.runDetached();
  await waitFor(() => pids().length >= 4);
  const second = pids();
  assert.equal(bundle.runtime('delete', '--force', bundle.id).status, 0);
  const left = [...all, ...second].filter(
    (pid) => !'ZX'.includes(readProcessStat(pid)?.state ?? 'X'),
  );
  assert.deepEqual(left, []);
});
