import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { suite, type TestContext, test } from 'node:test';
import { type Bundle, makeBundle, type TestSpec } from '../../support/bundle.ts';
import { runCommand } from '../../support/command.ts';
import { needsControllers } from '../../support/host/cgroup-files.ts';
import { startServer } from '../../support/server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { isLoaded, lastingPropertiesOf, unitOf } from '../scope.ts';

/* Containers in systemd's cgroups, made by a server. */

const COLD = { DAVIT_SERVER: '' };

const [major = 0, minor = 0] = release().split('.').map(Number);
const skip =
  major > 6 || (major === 6 && minor >= 18) ? false : 'a server needs Linux 6.18 for these';

type Change = (spec: TestSpec) => void;

/** What the program, a hook and systemd see of a container's cgroup. */
const LOOK = 'cat /proc/self/cgroup /proc/self/limits /proc/self/oom_score_adj; umask; id';
const SHOW_CGROUP = [
  {
    path: '/bin/sh',
    args: ['sh', '-c', 'cat /proc/$(grep -o \'"pid":[0-9]*\' | cut -d: -f2)/cgroup'],
  },
];

const limited: Change = (spec) => {
  if (needsControllers) return;
  spec.linux.resources = {
    memory: { limit: 100 << 20 },
    cpu: { quota: 50_000 },
    pids: { limit: 9 },
  };
};

const owned: Change = (spec) => {
  const mapping = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  spec.linux = { ...spec.linux, uidMappings: mapping, gidMappings: mapping };
  spec.linux.namespaces.push({ type: 'user' });
};

const hooked: Change = (spec) => {
  spec.hooks = { createRuntime: SHOW_CGROUP, startContainer: [{ path: '/bin/true' }] };
};

const elsewhere: Change = (spec) => {
  spec.linux.cgroupsPath = 'davit-served.slice:davit:served';
  spec.annotations = { 'org.systemd.property.TimeoutStopSec': '7' };
};

const normal = (bundle: Bundle, text: string): string =>
  text.replaceAll(bundle.id, 'ID').replaceAll(bundle.dir, 'DIR');

/** Runs a container's whole life, and returns what is seen of it. */
function lifeOf(t: TestContext, env: Record<string, string>, change: Change) {
  const bundle = makeBundle(t, {
    args: ['sh', '-c', 'sh /look >&2; sleep 1000'],
    spec: change,
  });
  bundle.write('look', LOOK);
  const { id } = bundle;
  const unit = change === elsewhere ? 'davit-served.scope' : unitOf(bundle);
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = bundle.runtimeWith({ env }, ...args);
    return [args[0], status, normal(bundle, stdout), normal(bundle, stderr)];
  };
  const made = run('--systemd-cgroup', ...createOf(bundle));
  assert.equal(made[1], 0, String(made[3]));
  const properties = normal(bundle, JSON.stringify(lastingPropertiesOf(unit)));
  const seen = [
    run('start', id),
    run('exec', id, 'sh', '/look'),
    run('update', '--pids-limit', '40', id),
    normal(bundle, JSON.stringify(lastingPropertiesOf(unit))),
    run('pause', id),
    run('resume', id),
    run('kill', id, 'KILL'),
    run('delete', '--force', id),
  ];
  assert.equal(isLoaded(unit), false);
  bundle.expectNothingLeft();
  return [made, properties, ...seen];
}

suite('by a server, a container in a scope of systemd', { skip }, () => {
  for (const change of [limited, owned, hooked, elsewhere]) {
    test(`is the same as without one: ${change.name}`, async (t) => {
      const server = await startServer(t);
      assert.deepEqual(lifeOf(t, server.env, change), lifeOf(t, COLD, change));
      server.expectServed('create', 'start', 'exec', 'update', 'pause', 'resume', 'kill', 'delete');
    });
  }

  test('runs in the foreground', async (t) => {
    const server = await startServer(t);
    const results = [server.env, COLD].map((env) => {
      const bundle = makeBundle(t, { args: ['sh', '-c', 'sh /look; exit 3'] });
      bundle.write('look', LOOK);
      const run = ['--systemd-cgroup', 'run', '--bundle', bundle.dir, bundle.id];
      const { status, stdout, stderr } = bundle.runtimeWith({ env }, ...run);
      assert.equal(isLoaded(unitOf(bundle)), false);
      bundle.expectNothingLeft();
      return [status, normal(bundle, stdout), stderr];
    });
    assert.deepEqual(results[0], results[1]);
    server.expectServed('run');
  });

  test('that systemd refuses fails with the same error, and leaves nothing', async (t) => {
    const server = await startServer(t);
    const results = [server.env, COLD].map((env) => {
      const bundle = makeBundle(t, {
        spec: (spec) => {
          spec.annotations = { 'org.systemd.property.NoSuchThing': 'true' };
        },
      });
      const create = ['--systemd-cgroup', ...createOf(bundle)] as const;
      const { status, stdout, stderr } = bundle.runtimeWith({ env }, ...create);
      bundle.expectNothingLeft();
      return [status, stdout, normal(bundle, stderr)];
    });
    assert.deepEqual(results[0], results[1]);
    assert.match(String(results[0]![2]), /unable to start unit .*NoSuchThing/);
    server.expectServed('create');
  });

  test('that fails later leaves no scope', async (t) => {
    const server = await startServer(t);
    const bundle = makeBundle(t, {
      spec: (spec) => {
        spec.hooks = { createRuntime: [{ path: '/bin/false' }] };
      },
    });
    const create = ['--systemd-cgroup', ...createOf(bundle)] as const;
    const { status, stderr } = bundle.runtimeWith({ env: server.env }, ...create);
    assert.equal(status, 1);
    assert.match(stderr, /createRuntime/);
    bundle.expectNothingLeft();
    assert.equal(isLoaded(unitOf(bundle)), false);
    server.expectServed('create');
  });

  test('keeps no other command waiting while the bus does not answer', async (t) => {
    const server = await startServer(t);
    const other = makeBundle(t, { args: ['sleep', '1000'] });
    assert.equal(other.runtimeWith({ env: server.env }, ...createOf(other)).stderr, '');
    const bundle = makeBundle(t, { args: ['sleep', '1000'] });
    const before = connections();
    const goOn = stopBus(t);
    const waiting = [bundle, makeBundle(t, { args: ['sleep', '1000'] })].map((one) =>
      one.startRuntime({ env: server.env }, '--systemd-cgroup', ...createOf(one)),
    );
    const ends = waiting.map((front) => once(front, 'exit'));
    await waitFor(() => connections() >= before + waiting.length);
    assert.equal(other.runtimeWith({ env: server.env }, 'start', other.id).stderr, '');
    assert.equal(other.runtimeWith({ env: server.env }, 'delete', '--force', other.id).stderr, '');
    assert.deepEqual(
      waiting.map(({ exitCode }) => exitCode),
      [null, null],
    );
    goOn();
    assert.deepEqual(await Promise.all(ends), [
      [0, null],
      [0, null],
    ]);
    assert.equal(isLoaded(unitOf(bundle)), true);
    server.expectServed('create', 'start', 'delete');
  });

  test('whose caller is killed meanwhile leaves no scope', async (t) => {
    const server = await startServer(t);
    const bundle = makeBundle(t, { args: ['sleep', '1000'] });
    const before = connections();
    const goOn = stopBus(t);
    const front = bundle.startRuntime({ env: server.env }, '--systemd-cgroup', ...createOf(bundle));
    await waitFor(() => connections() > before);
    front.kill('SIGKILL');
    goOn();
    await bundle.expectNothingLeftSoon();
    await waitFor(() => !isLoaded(unitOf(bundle)));
  });
});

const createOf = ({ dir, id }: Bundle): [string, ...string[]] => ['create', '--bundle', dir, id];

const BUS = '/run/dbus/system_bus_socket';

/** Stops the bus. It goes on with the returned function, or after the test. */
function stopBus(t: TestContext): () => void {
  const show = ['show', '--property=MainPID', '--value', 'dbus'];
  const pid = Number(runCommand('systemctl', show).stdout);
  const goOn = () => void process.kill(pid, 'SIGCONT');
  process.kill(pid, 'SIGSTOP');
  t.after(goOn);
  return goOn;
}

/** How many connections to the bus there are. */
const connections = (): number => readFileSync('/proc/net/unix', 'utf8').split(BUS).length;
