import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { davit } from '../../support/command.ts';
import { cgroupsNamed } from '../../support/run/leftovers.ts';
import { waitFor } from '../../support/wait-for.ts';

const SLEEP = ['sleep', '1000'];
const options = { skip: needsRoot };

const processesIn = (id: string): string[] =>
  readFileSync(join(cgroupsNamed(id)[0]!, 'cgroup.procs'), 'utf8')
    .split('\n')
    .filter(Boolean);

test('a container is created, running, stopped and deleted', options, async (t) => {
  const bundle = makeBundle(t, {
    args: ['sh', '-c', 'while [ ! -e /tmp/end ]; do usleep 5000; done'],
  });
  bundle.configure((spec) => {
    spec.process.args = ['sh', '-c', 'while [ ! -e /end/now ]; do usleep 5000; done'];
    spec.mounts.push({ destination: '/end', type: 'bind', source: bundle.dir, options: ['bind'] });
    spec.annotations = { 'com.example.key': 'value' };
  });
  const done = bundle.create();
  assert.equal(done.status, 0, done.stderr);
  const created = bundle.state();
  assert.equal(created.status, 'created');
  assert.equal(created.id, bundle.id);
  assert.equal(created.bundle, bundle.dir);
  assert.deepEqual(created.annotations, { 'com.example.key': 'value' });
  assert.equal(created.ociVersion, '1.3.0');
  assert.notEqual(readFileSync(`/proc/${created.pid}/comm`, 'utf8').trim(), 'sh');

  assert.deepEqual(bundle.start(), { status: 0, signal: null, stdout: '', stderr: '' });
  const running = bundle.state();
  assert.deepEqual(running, { ...created, status: 'running' });
  assert.equal(readFileSync(`/proc/${running.pid}/comm`, 'utf8').trim(), 'sh');

  writeFileSync(join(bundle.dir, 'now'), '');
  await waitFor(() => bundle.state().status === 'stopped');
  assert.equal(bundle.state().pid, 0);
  assert.equal(bundle.runtime('delete', bundle.id).status, 0);
  bundle.expectNothingLeft();
  const gone = bundle.runtime('state', bundle.id);
  assert.equal(gone.status, 1);
  assert.match(gone.stderr, /^davit: state \S+: container does not exist\n$/);
});

test('list and ps show the container', options, (t) => {
  const bundle = makeBundle(t, { args: SLEEP });
  bundle.runDetached();
  assert.equal(bundle.runtime('list', '--quiet').stdout.trim(), bundle.id);
  const [listed] = JSON.parse(bundle.runtime('list', '--format', 'json').stdout);
  assert.equal(listed.id, bundle.id);
  assert.equal(listed.status, 'running');
  assert.deepEqual(JSON.parse(bundle.runtime('ps', '--format', 'json', bundle.id).stdout), [
    bundle.state().pid,
  ]);
  assert.match(bundle.runtime('ps', bundle.id).stdout, /sleep 1000/);
});

test('if --root does not exist, list fails and names it, as runc since 1.2; others find no container', (t) => {
  const bundle = makeBundle(t, { rootfs: 'none' });
  const say = (...args: string[]) => bundle.runtime(...args);
  const listed = say('list');
  assert.equal(listed.status, 1);
  assert.equal(listed.stderr, `davit: list: open ${bundle.root}: no such file or directory\n`);
  for (const command of ['state', 'start', 'kill', 'delete', 'pause', 'resume', 'ps', 'events'])
    assert.match(say(command, 'web1').stderr, /: container does not exist\n$/);
  assert.equal(say('delete', '--force', 'web1').status, 0);
  assert.ok(!existsSync(bundle.root));
});

test('run exits with the program’s status, or with 128 + n after signal n', options, (t) => {
  for (const [script, status] of [
    ['exit 0', 0],
    ['exit 7', 7],
    ['exit 255', 255],
    ['kill -TERM $$', 143],
  ] as const) {
    // Not as pid 1, which ignores signals that it does not handle.
    const bundle = makeBundle(t, { args: ['sh', '-c', script] });
    bundle.configure((spec) => {
      spec.process.args = ['sh', '-c', script];
      spec.linux.namespaces = spec.linux.namespaces.filter(({ type }) => type !== 'pid');
    });
    assert.equal(bundle.run().status, status, script);
  }
});

test('run exits with 137 after SIGKILL', options, async (t) => {
  const bundle = makeBundle(t, { args: SLEEP });
  const running = bundle.startRuntime({}, 'run', '--bundle', bundle.dir, bundle.id);
  const ended = new Promise((resolve) => running.on('exit', resolve));
  await waitFor(() => bundle.runtime('state', bundle.id).stdout.includes('"running"'));
  assert.equal(bundle.runtime('kill', bundle.id, 'KILL').status, 0);
  assert.equal(await ended, 137);
  bundle.expectNothingLeft();
});

test('an id that is in use is refused', options, (t) => {
  const bundle = makeBundle(t, { args: SLEEP });
  bundle.runDetached();
  const again = bundle.create();
  assert.equal(again.status, 1);
  assert.match(again.stderr, /container with given ID already exists/);
  assert.equal(bundle.run().status, 1);
  assert.equal(bundle.state().status, 'running');
});

test('commands with an unknown id say that the container does not exist', options, (t) => {
  const bundle = makeBundle(t);
  for (const args of [
    ['state', 'absent'],
    ['start', 'absent'],
    ['kill', 'absent', 'KILL'],
    ['delete', 'absent'],
    ['ps', 'absent'],
  ]) {
    const done = bundle.runtime(...args);
    assert.equal(done.status, 1, args.join(' '));
    assert.match(done.stderr, /^davit: \w+ absent: container does not exist\n$/);
  }
  assert.equal(bundle.runtime('exec', 'absent', 'true').status, 255);
  const forced = bundle.runtime('delete', '--force', 'absent');
  assert.deepEqual(forced, { status: 0, signal: null, stdout: '', stderr: '' });
});

test('start refuses a running and a stopped container', options, async (t) => {
  const bundle = makeBundle(t, { args: SLEEP });
  bundle.runDetached();
  const again = bundle.start();
  assert.equal(again.status, 1);
  assert.match(again.stderr, /cannot start an already running container/);
  bundle.runtime('kill', bundle.id, 'KILL');
  await waitFor(() => bundle.state().status === 'stopped');
  const late = bundle.start();
  assert.equal(late.status, 1);
  assert.match(late.stderr, /cannot start a container that has stopped/);
});

test('delete of a running container needs --force', options, (t) => {
  const bundle = makeBundle(t, { args: SLEEP });
  bundle.runDetached();
  const refused = bundle.runtime('delete', bundle.id);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /cannot delete container \S+ that is not stopped: running/);
  assert.equal(bundle.state().status, 'running');
  assert.equal(bundle.runtime('delete', '--force', bundle.id).status, 0);
  bundle.expectNothingLeft();
});

test('delete of a created container ends it', options, (t) => {
  const bundle = makeBundle(t, { args: SLEEP });
  bundle.create();
  assert.equal(bundle.state().status, 'created');
  assert.equal(bundle.runtime('delete', bundle.id).status, 0);
  bundle.expectNothingLeft();
});

test('SIGTERM ends a container that waits for start', options, async (t) => {
  const hooks = { startContainer: [{ path: '/bin/true' }] };
  for (const more of [{}, { hooks }]) {
    const bundle = makeBundle(t, { args: SLEEP });
    bundle.configure((spec) => Object.assign(spec, more));
    assert.equal(bundle.create().status, 0);
    assert.equal(bundle.runtime('kill', bundle.id, 'WINCH').status, 0);
    assert.equal(bundle.state().status, 'created');
    assert.equal(bundle.runtime('kill', bundle.id, 'TERM').status, 0);
    await waitFor(() => bundle.state().status === 'stopped');
  }
});

test('kill: names and numbers of signals, and stopped containers', options, async (t) => {
  const bundle = makeBundle(t, {
    args: ['sh', '-c', 'trap "exit 3" USR1; echo ready; while :; do sleep 0.01; done'],
  });
  const running = bundle.startRuntime({}, 'run', '--keep', '--bundle', bundle.dir, bundle.id);
  const ended = new Promise((resolve) => running.on('exit', resolve));
  await new Promise((resolve) => running.stdout!.once('data', resolve));
  assert.equal(bundle.runtime('kill', bundle.id, '0').status, 0);
  // Pid 1 of a pid namespace ignores signals that it has no handler for.
  assert.equal(bundle.runtime('kill', bundle.id, 'RTMAX-1').status, 0);
  for (const none of ['65', '-1', 'RTMIN+31']) {
    const { status, stderr } = bundle.runtime('kill', bundle.id, none);
    assert.equal(status, 1);
    assert.match(
      stderr,
      new RegExp(`^davit: kill ${bundle.id}: unknown signal "${RegExp.escape(none)}"`),
    );
  }
  assert.equal(bundle.runtime('kill', bundle.id, 'SIGUSR1').status, 0);
  assert.equal(await ended, 3);
  const late = bundle.runtime('kill', bundle.id, 'KILL');
  assert.equal(late.status, 1);
  assert.match(late.stderr, /container not running/);
  assert.equal(bundle.runtime('kill', '--all', bundle.id, 'KILL').status, 0);
});

test('without a pid namespace, delete --force ends all processes', options, (t) => {
  const bundle = makeBundle(t);
  bundle.configure((spec) => {
    spec.process.args = ['sh', '-c', 'sleep 1000 & sleep 1000 & wait'];
    spec.linux.namespaces = spec.linux.namespaces.filter(({ type }) => type !== 'pid');
  });
  bundle.runDetached();
  const { status, stderr } = bundle.runtime('delete', '--force', bundle.id);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  bundle.expectNothingLeft();
});

test(
  'in a pod’s pid namespace, SIGKILL ends all processes of the container',
  options,
  async (t) => {
    const pod = makeBundle(t, { args: SLEEP });
    pod.runDetached();
    const bundle = makeBundle(t);
    bundle.configure((spec) => {
      spec.process.args = ['sh', '-c', 'sleep 1000 & sleep 1000 & wait'];
      spec.linux.namespaces.find(({ type }) => type === 'pid')!.path =
        `/proc/${pod.state().pid}/ns/pid`;
    });
    bundle.runDetached();
    await waitFor(() => processesIn(bundle.id).length === 3);
    assert.equal(bundle.runtime('kill', bundle.id, 'KILL').status, 0);
    await waitFor(() => processesIn(bundle.id).length === 0);
    assert.equal(pod.state().status, 'running');
  },
);

test('run deletes its container, unless --keep is given', options, (t) => {
  const bundle = makeBundle(t);
  assert.equal(bundle.run().status, 0);
  bundle.expectNothingLeft();
  assert.equal(bundle.run('--keep').status, 0);
  assert.equal(bundle.state().status, 'stopped');
});

test('--pid-file contains the pid only', options, (t) => {
  const bundle = makeBundle(t, { args: SLEEP });
  const file = join(bundle.dir, 'pid');
  bundle.runDetached('--pid-file', file);
  assert.equal(readFileSync(file, 'utf8'), String(bundle.state().pid));
  const exec = join(bundle.dir, 'exec.pid');
  const sleeping = ['exec', '--detach', '--pid-file', exec, bundle.id, 'sleep', '999'];
  assert.equal(bundle.runtime(...sleeping).status, 0);
  const pid = readFileSync(exec, 'utf8');
  assert.match(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), /sleep.999/);
});

test('spec writes a config.json, and does not overwrite it', options, (t) => {
  const bundle = makeBundle(t, { rootfs: 'none' });
  const spec = () => bundle.runtimeWith({ cwd: bundle.rootfs }, 'spec');
  assert.equal(spec().status, 0);
  assert.ok(existsSync(join(bundle.rootfs, 'config.json')));
  const again = spec();
  assert.equal(again.status, 1);
  assert.match(again.stderr, /config\.json/);
});

test('stages lists the stages', () => {
  const { status, stdout } = davit('stages');
  assert.equal(status, 0);
  const names = [
    'validateConfig',
    'forkInit',
    'pivotRoot',
    'installSeccomp',
    'exec',
    'removeCgroup',
  ];
  for (const name of names) assert.match(stdout, new RegExp(`\\b${name}\\b`));
});

test(
  'a container without a process can be created, entered and deleted, but not started',
  options,
  (t) => {
    const bundle = makeBundle(t);
    bundle.configure((spec) => Reflect.deleteProperty(spec, 'process'));
    const run = bundle.run();
    assert.equal(run.status, 1);
    assert.match(run.stderr, /process property must not be empty/);
    assert.equal(bundle.create().status, 0);
    const started = bundle.start();
    assert.equal(started.status, 1);
    assert.match(started.stderr, /process property must not be empty/);
    assert.equal(bundle.state().status, 'created');
    const file = bundle.write(
      'process.json',
      JSON.stringify({ args: ['echo', 'in'], cwd: '/', env: ['PATH=/bin'] }),
    );
    assert.equal(bundle.runtime('exec', '--process', file, bundle.id).stdout, 'in\n');
    assert.match(bundle.exec('true').stderr, /the container has no process: give --process/);
    assert.equal(bundle.runtime('delete', bundle.id).status, 0);
  },
);
