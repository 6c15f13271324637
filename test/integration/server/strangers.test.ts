import assert from 'node:assert/strict';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { DAVIT, runCommand } from '../../support/command.ts';
import { type ServerUnderTest, startServer } from '../../support/server.ts';
import { writeRefuser } from '../../support/system-calls/refuse-calls.ts';

/*
 * Whoever can connect, the server acts only for callers that have its own privileges and
 * namespaces.
 */

/**
 * Runs `davit state x` through a command that changes davit's process. Expects an answer without
 * the server.
 */
function expectLeft(server: ServerUnderTest, wrapper: string[], because: RegExp): void {
  const [command, ...args] = [...wrapper, DAVIT, 'state', 'x'];
  const { status, stderr } = runCommand(command!, args, { env: server.env });
  assert.deepEqual([status, stderr], [1, 'davit: state x: container does not exist\n']);
  assert.match(server.status(), because);
  assert.doesNotMatch(server.status(), /^state /m);
}

suite('the server does not serve a caller', { skip: needsRoot }, () => {
  const namespaces = {
    mnt: '--mount',
    net: '--net',
    cgroup: '--cgroup',
    pid: '--pid --fork --kill-child --mount-proc',
    user: '--user --map-root-user',
    ipc: '--ipc',
    uts: '--uts',
    time: '--time',
  };
  for (const [name, flags] of Object.entries(namespaces)) {
    test(`in another ${name} namespace`, async (t) => {
      const server = await startServer(t);
      const because =
        name === 'pid'
          ? /the (mnt|pid) namespace of the caller differs|the server failed/
          : new RegExp(`the ${name} namespace of the caller differs`);
      expectLeft(server, ['unshare', ...flags.split(' ')], because);
    });
  }

  test('whose children would be in another pid namespace', async (t) => {
    const server = await startServer(t);
    // davit may fail without a server: Node can make no threads in such a process.
    runCommand('unshare', ['--pid', DAVIT, 'state', 'x'], { env: server.env });
    assert.match(
      server.status(),
      /pid_for_children namespace of the caller differs|the front has gone/,
    );
    assert.doesNotMatch(server.status(), /^state /m);
  });

  test('with fewer capabilities', async (t) => {
    expectLeft(
      await startServer(t),
      ['setpriv', '--bounding-set', '-sys_admin', '--inh-caps', '-all'],
      /CapPrm of the caller differs|CapBnd of the caller differs/,
    );
  });

  test('that runs with no_new_privs', async (t) => {
    expectLeft(
      await startServer(t),
      ['setpriv', '--no-new-privs'],
      /NoNewPrivs of the caller differs/,
    );
  });

  test('with other groups', async (t) => {
    expectLeft(
      await startServer(t),
      ['setpriv', '--groups', '54321'],
      /Groups of the caller differs/,
    );
  });

  test('with another gid', async (t) => {
    expectLeft(
      await startServer(t),
      ['setpriv', '--regid', '54321', '--clear-groups'],
      /the user of the caller differs/,
    );
  });

  test('with a seccomp filter', {
    skip: process.arch !== 'x64' && 'the filter is of x86-64',
  }, async (t) => {
    const server = await startServer(t);
    const refuser = writeRefuser(
      join(server.directory, 'refuser'),
      [{ name: 'io_uring_setup' }],
      'EPERM',
    );
    expectLeft(server, [refuser], /the seccomp filter of the caller differs/);
  });

  test('with another root directory, even a chroot to the same directory', async (t) => {
    const server = await startServer(t);
    // The new root shows the same files through another mount.
    const script = 'mount --rbind / "$1" && exec chroot "$1" "$2" state x';
    const root = join(server.directory, 'root');
    mkdirSync(root);
    const sh = ['--mount', 'sh', '-c', script, 'sh', root, DAVIT];
    const done = runCommand('unshare', sh, { env: server.env });
    assert.equal(done.stderr, 'davit: state x: container does not exist\n');
    assert.doesNotMatch(server.status(), /^state /m);
  });
});

suite('two users', { skip: needsRoot }, () => {
  test("another user cannot connect, and does not use another user's server", async (t) => {
    const server = await startServer(t);
    const user = { uid: 54321, gid: 54321 };
    const { stderr } = runCommand(DAVIT, ['state', 'x'], { env: server.env, ...user });
    assert.match(stderr, /container does not exist/);
    // Not even if the mode allows it.
    chmodSync(server.directory, 0o755);
    chmodSync(server.socket, 0o666);
    runCommand(DAVIT, ['state', 'x'], { env: server.env, ...user });
    assert.doesNotMatch(server.status(), /^state /m);
  });

  test("an ordinary user's server serves that user, and root does not use it", async (t) => {
    const user = { uid: 54321, gid: 54321 };
    const server = await startServer(t, [], { ...user, env: { XDG_RUNTIME_DIR: '/nonexistent' } });
    const env = { ...server.env, XDG_RUNTIME_DIR: '/nonexistent' };
    const absent = 'davit: state x: container does not exist\n';
    assert.equal(runCommand(DAVIT, ['state', 'x'], { env }).stderr, absent);
    const status = () => runCommand(DAVIT, ['serve', '--status'], { env, ...user }).stdout;
    assert.match(status(), /pid/);
    assert.doesNotMatch(status(), /^state /m);
    assert.equal(runCommand(DAVIT, ['state', 'x'], { env, ...user }).stderr, absent);
    assert.match(status(), /^state +1 /m);
  });
});

suite('a container that can connect to the socket', { skip: needsRoot }, () => {
  test('is not served', async (t) => {
    const server = await startServer(t);
    const bundle = makeBundle(t, {
      args: ['/front', 'state', 'x'],
      spec: (spec) => {
        spec.process.env = ['PATH=/bin', 'DAVIT_SERVER=/server/socket'];
        spec.mounts.push({
          destination: '/server',
          source: server.directory,
          type: 'bind',
          options: ['bind'],
        });
        spec.process.capabilities = undefined as never;
      },
    });
    runCommand('cp', [DAVIT, join(bundle.rootfs, 'front')]);
    const { status, stderr } = bundle.run();
    assert.equal(status, 1);
    assert.match(stderr, /cannot start/);
    assert.match(server.status(), /namespace of the caller differs|CapPrm/);
    assert.doesNotMatch(server.status(), /^state /m);
  });
});
