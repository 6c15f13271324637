import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readProcessStat } from '../../../src/state/process-stat.ts';
import { setWindowSize } from '../../../src/syscalls/tty/tty.ts';
import { type Bundle, makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { atTerminal, ConsoleReceiver } from '../../support/terminal.ts';
import { waitFor } from '../../support/wait-for.ts';

const options = { skip: needsRoot };

const withTerminal =
  (...args: string[]) =>
  (spec: TestSpec): void => {
    spec.process.terminal = true;
    spec.process.args = args;
  };

/** A shell without line editing, which would print control sequences. */
const SIMPLE_SHELL = ['sh', '-c', 'trap : INT; while read -r line; do eval "$line"; done'];
const SHELL = withTerminal(...SIMPLE_SHELL);

/** True if a process of the container is sleep(1). */
const sleeps = (bundle: Bundle): boolean =>
  (JSON.parse(bundle.runtime('ps', '--format', 'json', bundle.id).stdout) as number[]).some(
    (pid) => readProcessStat(pid)?.name === 'sleep',
  );

test('create --console-socket: the receiver gets the terminal', options, async (t) => {
  const bundle = makeBundle(t, { spec: SHELL });
  const receiver = new ConsoleReceiver(t, join(bundle.dir, 'console'));
  const created = bundle.create('--console-socket', receiver.path);
  assert.equal(created.status, 0, created.stderr);
  const { screen, type } = receiver.receive(t);
  assert.equal(bundle.start().status, 0);
  type('tty; stat -c %t:%u:%g $(tty); ls -l /dev/console | cut -c1; echo done$((1+1))\n');
  await screen.includes('done2\r\n');
  assert.match(screen.text, /\/dev\/(pts\/0|console)\r\n/);
  type('exit 3\n');
});

test('the process leads a session with a controlling terminal', options, async (t) => {
  const bundle = makeBundle(t, { spec: SHELL });
  const receiver = new ConsoleReceiver(t, join(bundle.dir, 'console'));
  assert.equal(bundle.run('--detach', '--console-socket', receiver.path).status, 0);
  const { screen, type } = receiver.receive(t);
  // The process needs its own session and foreground process group for ^C to reach it.
  type('awk \'{ print "sid", $6 }\' /proc/1/stat\n');
  await screen.includes('sid 1\r\n');
  type('sleep 1000; echo interrupted$?\n');
  await waitFor(() => sleeps(bundle));
  type('\x03');
  await screen.includes('interrupted130');
});

test('consoleSize sets the size', options, async (t) => {
  const bundle = makeBundle(t, {
    spec: (spec) => {
      withTerminal('sh', '-c', 'stty size')(spec);
      spec.process.consoleSize = { height: 12, width: 34 };
    },
  });
  const receiver = new ConsoleReceiver(t, join(bundle.dir, 'console'));
  assert.equal(bundle.run('--detach', '--console-socket', receiver.path).status, 0);
  await receiver.receive(t).screen.includes('12 34\r\n');
});

test('a terminal in a user namespace belongs to the process’s user', options, async (t) => {
  const bundle = makeBundle(t, {
    spec: (spec) => {
      withTerminal('sh', '-c', 'stat -c owner=%u $(tty); echo written > /dev/tty')(spec);
      spec.process.user = { uid: 7, gid: 7 };
      spec.linux.namespaces.push({ type: 'user' });
      spec.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 1000 }];
      spec.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 1000 }];
    },
  });
  const receiver = new ConsoleReceiver(t, join(bundle.dir, 'console'));
  const done = bundle.run('--detach', '--console-socket', receiver.path);
  assert.equal(done.status, 0, done.stderr);
  const { screen } = receiver.receive(t);
  await screen.includes('owner=7\r\n');
  await screen.includes('written\r\n');
});

test('run at a terminal: size, input, resize, exit status', options, async (t) => {
  const bundle = makeBundle(t, { spec: SHELL });
  const { screen, master, ended } = atTerminal(t, bundle, 'run', '--bundle', bundle.dir, bundle.id);
  screen.type('stty size; echo ready$((1+1))\n');
  await screen.includes('ready2\r\n');
  assert.match(screen.text, /33 101\r\n/);
  setWindowSize(master, { rows: 44, columns: 55 });
  screen.type('until [ "$(stty size)" = "44 55" ]; do sleep 0.01; done; stty size\n');
  await screen.includes('\n44 55\r\n');
  screen.type('exit 9\n');
  assert.deepEqual(await ended, [9, null]);
});

test('the caller’s terminal is raw during run: ^C goes to the program', options, async (t) => {
  const bundle = makeBundle(t, { spec: SHELL });
  const { screen, ended } = atTerminal(t, bundle, 'run', '--bundle', bundle.dir, bundle.id);
  screen.type('echo ready$((1+1))\n');
  await screen.includes('ready2\r\n');
  screen.type('sleep 1000; echo after=$?\n');
  await waitFor(() => sleeps(bundle));
  screen.type('\x03');
  await screen.includes('after=130');
  // In raw mode only the container's terminal echoes what is typed.
  assert.equal(screen.text.split('sleep 1000').length, 2);
  screen.type('exit\n');
  await ended;
});

test('run passes signals on to the program', options, async (t) => {
  const bundle = makeBundle(t, {
    spec: withTerminal('sh', '-c', 'trap "exit 21" TERM; echo ready; while :; do sleep 0.02; done'),
  });
  const { child, screen, ended } = atTerminal(t, bundle, 'run', '--bundle', bundle.dir, bundle.id);
  await screen.includes('ready\r\n');
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [21, null]);
});

test('run passes signals on to the program also without a terminal', options, async (t) => {
  const script = 'trap "exit 22" HUP; echo ready; while :; do sleep 0.02; done';
  const bundle = makeBundle(t, { args: ['sh', '-c', script] });
  const running = bundle.startRuntime({}, 'run', '--bundle', bundle.dir, bundle.id);
  const ended = new Promise((resolve) => running.on('exit', resolve));
  await new Promise((resolve) => running.stdout!.once('data', resolve));
  running.kill('SIGHUP');
  assert.equal(await ended, 22);
});

test('exec -t', options, async (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const { screen, master, ended } = atTerminal(t, bundle, 'exec', '-t', bundle.id, ...SIMPLE_SHELL);
  screen.type('stty size; tty; echo ready$((1+1))\n');
  await screen.includes('ready2\r\n');
  assert.match(screen.text, /33 101\r\n\/dev\/pts\/\d/);
  setWindowSize(master, { rows: 20, columns: 30 });
  screen.type('until [ "$(stty size)" = "20 30" ]; do sleep 0.01; done; stty size\n');
  await screen.includes('\n20 30\r\n');
  screen.type('exit 4\n');
  assert.deepEqual(await ended, [4, null]);
});

test('exec -t with a console socket', options, async (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const receiver = new ConsoleReceiver(t, join(bundle.dir, 'console'));
  const flags = ['-d', '-t', '--console-socket', receiver.path];
  const done = bundle.runtime('exec', ...flags, bundle.id, 'sh', '-c', 'echo hello; sleep 0.1');
  assert.equal(done.status, 0, done.stderr);
  await receiver.receive(t).screen.includes('hello\r\n');
});
