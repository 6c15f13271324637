import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { makeBundle, needsContainers, needsRoot } from '../../support/bundle.ts';
import { DAVIT, runCommand, startCommand } from '../../support/command.ts';
import { ServerUnderTest, startServer } from '../../support/server.ts';
import { waitFor } from '../../support/wait-for.ts';

/** The text of `davit state` for an unknown container, with or without a server. */
function expectAnswer(server: Pick<ServerUnderTest, 'run'>): void {
  const { status, stderr } = server.run('state', 'x');
  assert.deepEqual([status, stderr], [1, 'davit: state x: container does not exist\n']);
}

suite('commands work with a server that fails', { skip: needsRoot }, () => {
  test('killed: commands run without it, and another server can take its place', async (t) => {
    const server = await startServer(t);
    expectAnswer(server);
    server.kill('SIGKILL');
    await server.ended();
    assert.ok(existsSync(server.socket));
    expectAnswer(server);
    const other = startCommand(DAVIT, ['serve'], { env: server.env });
    t.after(() => other.kill('SIGKILL'));
    await waitFor(() => /pid \d+/.test(server.status()));
  });

  test('stopped: every command runs without it, and no command runs twice', {
    skip: needsContainers,
  }, async (t) => {
    const server = await startServer(t);
    const bundle = makeBundle(t, { args: ['sleep', '100'] });
    const davit = (...args: string[]) => bundle.runtimeWith({ env: server.env }, ...args);
    server.kill('SIGSTOP');
    t.after(() => server.kill('SIGCONT'));
    assert.equal(davit('create', '--bundle', bundle.dir, bundle.id).stderr, '');
    for (const args of [['start'], ['pause'], ['resume'], ['delete', '--force']]) {
      const [name, ...flags] = args as [string, ...string[]];
      const { status, stderr } = davit(name, ...flags, bundle.id);
      assert.deepEqual([status, stderr], [0, ''], name);
    }
    bundle.expectNothingLeft();
    // The server goes on, reads the old requests, and finds that the fronts have gone.
    server.kill('SIGCONT');
    await waitFor(() => /the front has gone/.test(server.status()));
    assert.doesNotMatch(server.status(), /^(start|pause|resume|delete) /m);
  });

  test('another program listens at the socket and never answers, or hangs up', async (t) => {
    for (const hangUp of [true, false]) {
      const directory = join((await startServer(t)).directory, String(hangUp));
      mkdirSync(directory);
      const socket = join(directory, 'socket');
      const python = [
        'import socket,sys,time',
        's=socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET);s.bind(sys.argv[1]);s.listen()',
        `c,_=s.accept();${hangUp ? 'c.close()' : 'time.sleep(1000)'}`,
        'time.sleep(1000)',
      ].join('\n');
      const impostor = startCommand('python3', ['-c', python, socket]);
      t.after(() => impostor.kill('SIGKILL'));
      await waitFor(() => existsSync(socket));
      expectAnswer({
        run: (...args) => runCommand(DAVIT, args, { env: { DAVIT_SERVER: socket } }),
      });
    }
  });

  test('the socket has another type, is a file, is missing, or has an invalid name', async (t) => {
    const { directory } = await startServer(t);
    const stream = createServer().listen(join(directory, 'stream'));
    t.after(() => stream.close());
    writeFileSync(join(directory, 'file'), '');
    const places = ['stream', 'file', 'missing', 'x'.repeat(200)].map((name) =>
      join(directory, name),
    );
    for (const DAVIT_SERVER of [...places, 'relative', '', '/']) {
      expectAnswer({ run: (...args) => runCommand(DAVIT, args, { env: { DAVIT_SERVER } }) });
    }
  });

  test('the server is of another build', async (t) => {
    const server = await startServer(t);
    const dist = dirname(DAVIT);
    const front = join(dist, `.davit-other-${process.pid}`);
    t.after(() => runCommand('rm', [front]));
    copyFileSync(DAVIT, front);
    const bytes = Buffer.from(runCommand('cat', [DAVIT]).stdout, 'latin1');
    assert.ok(bytes.length > 0);
    const sed = ['-i', 's/davit door 1 build-/davit door 1 build_/', front];
    assert.equal(runCommand('sed', sed).status, 0);
    chmodSync(front, 0o755);
    expectAnswer({ run: (...args) => runCommand(front, args, { env: server.env }) });
    assert.match(server.status(), /of another build/);
  });
});

suite('the server ends', { skip: needsRoot }, () => {
  test('on a signal: it removes its socket', async (t) => {
    const server = await startServer(t);
    server.kill('SIGTERM');
    assert.equal(await server.ended(), 0);
    assert.ok(!existsSync(server.socket));
    expectAnswer(server);
  });

  test('after its idle time, if one is set', async (t) => {
    // It may have ended before this process looks for its socket.
    const server = new ServerUnderTest(['--idle-timeout', '200ms'], {});
    t.after(() => server.remove());
    assert.equal(await server.ended(), 0);
    assert.ok(!existsSync(server.socket));
  });
});

suite('the socket', { skip: needsRoot }, () => {
  test('only its owner may connect, and one server uses it', async (t) => {
    const server = await startServer(t);
    assert.equal(statSync(server.socket).mode & 0o777, 0o600);
    const second = server.run('serve');
    assert.equal(second.status, 1);
    assert.match(second.stderr, /a server listens at .* already/);
  });

  test('is refused in a directory where other users may replace it', async (t) => {
    const { directory } = await startServer(t);
    for (const [name, mode] of [
      ['sticky', 0o1777],
      ['group', 0o770],
    ] as const) {
      const path = join(directory, name);
      mkdirSync(path);
      chmodSync(path, mode);
      const env = { DAVIT_SERVER: join(path, 'socket') };
      const { status, stderr } = runCommand(DAVIT, ['serve'], { env });
      assert.equal(status, 1);
      assert.match(stderr, /must belong to you, and nobody else may write to it/, basename(path));
    }
  });

  test('may be passed by a service manager', async (t) => {
    const { directory } = await startServer(t);
    const socket = join(directory, 'passed');
    const python = [
      'import os,socket,sys',
      'os.umask(0o177);s=socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET);s.bind(sys.argv[1]);s.listen()',
      'os.dup2(s.fileno(),3);os.set_inheritable(3,True)',
      'os.execve(sys.argv[2],[sys.argv[2],"serve"],{**os.environ,"LISTEN_FDS":"1","LISTEN_PID":str(os.getpid())})',
    ].join('\n');
    const activated = startCommand('python3', ['-c', python, socket, DAVIT]);
    t.after(() => activated.kill('SIGKILL'));
    const env = { DAVIT_SERVER: socket };
    await waitFor(() => /pid/.test(runCommand(DAVIT, ['serve', '--status'], { env }).stdout));
  });
});
