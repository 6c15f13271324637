import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type BundleOptions, makeBundle, needsRoot } from '../../support/bundle.ts';
import { DAVIT } from '../../support/command.ts';
import { writeRefuser } from '../../support/system-calls/refuse-calls.ts';
import { waitFor } from '../../support/wait-for.ts';
import { startServiceManager } from './start-service-manager.ts';

const PERL = '/usr/bin/perl';
const options = { skip: needsRoot || (existsSync(PERL) ? false : `no ${PERL}`) };

/** Runs in the container: sends each of its arguments as a datagram; `\n` is a newline. */
const SEND = `${PERL} -MSocket -e '
  socket(S, AF_UNIX, SOCK_DGRAM, 0) or die;
  connect(S, pack_sockaddr_un($ENV{NOTIFY_SOCKET})) or die "$ENV{NOTIFY_SOCKET}: $!";
  for (@ARGV) { s/\\\\n/\\n/g; defined send(S, $_, 0) or die }'`;

/** A bundle whose program is `script`, with the host's perl, and a service manager. */
async function makeService(t: TestContext, script: string, more: BundleOptions = {}) {
  const { spec, ...rest } = more;
  const address = join(mkdtempSync(join(tmpdir(), 'manager-')), 'notify');
  const told = await startServiceManager(t, address);
  const bundle = makeBundle(t, {
    ...rest,
    args: ['sh', '-c', script],
    spec(config) {
      config.mounts.push({ destination: '/usr', source: '/usr', options: ['rbind', 'ro'] });
      spec?.(config);
    },
  });
  for (const name of ['usr', 'run']) mkdirSync(join(bundle.rootfs, name));
  for (const name of ['lib', 'lib64']) symlinkSync(`usr/${name}`, join(bundle.rootfs, name));
  const env = { NOTIFY_SOCKET: address };
  const launch = (command: string, ...flags: string[]) =>
    bundle.runtimeWith({ env }, command, ...flags, '--bundle', bundle.dir, bundle.id);
  const start = () => bundle.runtimeWith({ env }, 'start', bundle.id);
  return { bundle, told, env, launch, start };
}

const ready = (pid: number): string[] => ['READY=1\n', `MAINPID=${pid}\n`, 'BARRIER=1'];

test(
  'create and start: start waits until the program is ready and passes it on, as in runc',
  options,
  async (t) => {
    for (const runtime of ['davit', 'runc'] as const) {
      const script = `sleep 0.3; echo $NOTIFY_SOCKET > /tmp/seen; ${SEND} READY=1; exec sleep 1000`;
      const { bundle, told, launch, start } = await makeService(t, script, {
        runtime,
        spec: (spec) => {
          spec.root.readonly = false;
        },
      });
      assert.equal(launch('create').status, 0);
      assert.deepEqual(told(), []);
      const started = start();
      assert.deepEqual([started.status, started.stderr], [0, '']);
      assert.equal(bundle.read('tmp/seen'), '/run/notify/notify.sock\n');
      // runc sends BARRIER=1 since 1.2.
      const expected = ready(bundle.state().pid).slice(0, runtime === 'runc' ? 2 : 3);
      await waitFor(() => told().length >= expected.length);
      assert.deepEqual(told().slice(0, expected.length), expected);
    }
  },
);

test(
  'run --detach waits until the program is ready; run in the foreground is the main process',
  options,
  async (t) => {
    const detached = await makeService(t, `${SEND} READY=1; exec sleep 1000`);
    assert.equal(detached.launch('run', '--detach').status, 0);
    const { pid } = detached.bundle.state();
    await waitFor(() => detached.told().length >= 3);
    assert.deepEqual(detached.told(), ready(pid));

    const { bundle, told, env } = await makeService(t, `${SEND} READY=1; sleep 1000; exit 3`);
    const running = bundle.startRuntime({ env }, 'run', '--bundle', bundle.dir, bundle.id);
    const ended = new Promise((resolve) => running.on('exit', resolve));
    await waitFor(() => told().length >= 2);
    assert.deepEqual(told(), ready(running.pid!).slice(0, 2));
    bundle.runtime('kill', bundle.id, 'KILL');
    assert.equal(await ended, 137);
  },
);

test('davit stops waiting when the program ends before it is ready', options, async (t) => {
  const { bundle, told, launch, start } = await makeService(t, 'sleep 0.2; exit 3');
  assert.equal(launch('run').status, 3);
  assert.equal(launch('create').status, 0);
  const started = start();
  assert.deepEqual([started.status, started.stderr], [0, '']);
  assert.equal(bundle.runtime('delete', bundle.id).status, 0);
  assert.deepEqual(told(), []);
});

test(
  'only READY=1 is passed on, from any line of a datagram, by any user of the container',
  options,
  async (t) => {
    const long = `X=$(head -c 9000 /dev/zero | tr '\\0' x)`;
    const messages = `"${long}" "" NOTREADY=1 READY=0 "STATUS=a\\nMAINPID=1" "STATUS=b\\nREADY=1\\nMAINPID=1"`;
    const { bundle, told, launch } = await makeService(t, `${SEND} ${messages}; exec sleep 1000`, {
      spec(spec) {
        spec.process.user = { uid: 1000, gid: 1000 };
        spec.linux.namespaces.push({ type: 'user' });
        spec.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
        spec.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      },
    });
    mkdirSync(join(bundle.rootfs, 'run/notify'));
    const done = launch('run', '--detach');
    assert.deepEqual([done.status, done.stderr], [0, '']);
    await waitFor(() => told().length >= 3);
    assert.deepEqual(told(), ready(bundle.state().pid));
  },
);

test('the socket is mounted inside the rootfs, despite symlinks out of it', options, async (t) => {
  const { bundle, launch } = await makeService(t, 'ls /run/notify; touch /run/notify/file');
  const outside = join(bundle.dir, 'outside');
  mkdirSync(outside);
  symlinkSync(outside, join(bundle.rootfs, 'run/notify'));
  const { stdout, stderr } = launch('run');
  assert.equal(stdout, 'notify.sock\n');
  assert.match(stderr, /touch: .*Read-only file system/);
  assert.deepEqual(readdirSync(outside), []);
});

test('without NOTIFY_SOCKET, neither the container nor exec gets one', options, async (t) => {
  const { bundle, launch } = await makeService(t, `${SEND} READY=1; exec sleep 1000`);
  assert.equal(launch('run', '--detach').status, 0);
  const executed = bundle.exec('sh', '-c', 'echo "[$NOTIFY_SOCKET]"');
  assert.equal(executed.stdout, '[]\n', executed.stderr);
  const plain = makeBundle(t, { args: ['sh', '-c', 'echo "[$NOTIFY_SOCKET]"; ls /run/notify'] });
  const done = plain.run();
  assert.equal(done.stdout, '[]\n');
  assert.match(done.stderr, /\/run\/notify: No such file/);
});

test(
  'an abstract socket works; run ignores an invalid NOTIFY_SOCKET, and start fails with one',
  options,
  async (t) => {
    const bundle = makeBundle(t, { args: ['sh', '-c', 'echo "[$NOTIFY_SOCKET]"'] });
    const address = `@${basename(tmpdir())}-manager`;
    const told = await startServiceManager(t, address);
    assert.equal(
      bundle.runtimeWith({ env: { NOTIFY_SOCKET: address } }, 'run', '-b', bundle.dir, bundle.id)
        .status,
      0,
    );
    assert.deepEqual(told(), []);
    const file = join(bundle.dir, 'file');
    writeFileSync(file, '');
    const failures = [
      [
        'relative',
        /NOTIFY_SOCKET is \\?"relative\\?": expected an absolute path, or @ and an abstract/,
      ],
      [file, /NOTIFY_SOCKET \/.*\/file: connection refused: not a socket/],
      ['/no/such', /NOTIFY_SOCKET \/no\/such: no such file or directory/],
      ['@no-such', /NOTIFY_SOCKET @no-such: connection refused: nobody listens on it/],
    ] as const;
    for (const [value, message] of failures) {
      const env = { NOTIFY_SOCKET: value };
      const done = bundle.runtimeWith({ env }, 'run', '--bundle', bundle.dir, bundle.id);
      assert.deepEqual([done.status, done.stdout], [0, '[]\n']);
      assert.match(done.stderr, message);
      assert.match(done.stderr, /level=warning msg="ignored: NOTIFY_SOCKET/);
      assert.equal(bundle.create().status, 0);
      const started = bundle.runtimeWith({ env }, 'start', bundle.id);
      assert.equal(started.status, 1);
      assert.match(started.stderr, message);
      assert.equal(bundle.runtime('delete', '--force', bundle.id).status, 0);
    }
  },
);

test('NOTIFY_SOCKET must be set for create if it is set for start', options, async (t) => {
  const { bundle, start } = await makeService(t, 'true');
  assert.equal(bundle.create().status, 0);
  const refused = start();
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /NOTIFY_SOCKET: the container was created without it/);
  assert.equal(bundle.state().status, 'created');
  assert.equal(bundle.start().status, 0);
});

test('start waits for the program also without pidfd_open', {
  skip: options.skip || (process.arch !== 'x64' && 'the filter is of x86-64'),
}, async (t) => {
  for (const script of [`sleep 0.2; ${SEND} READY=1; exec sleep 1000`, 'sleep 0.2']) {
    const { bundle, told, env, launch } = await makeService(t, script);
    const refuser = writeRefuser(join(bundle.dir, 'refuser'), [{ name: 'pidfd_open' }], 'ENOSYS');
    assert.equal(launch('create').status, 0);
    const args = [DAVIT, '--root', bundle.root, 'start', bundle.id];
    const started = bundle.commandWith({ env }, refuser, ...args);
    assert.deepEqual([started.status, started.stderr], [0, '']);
    const { status, pid } = bundle.state();
    await waitFor(() => status === 'stopped' || told().length >= 3);
    assert.deepEqual(told(), status === 'running' ? ready(pid) : []);
  }
});
