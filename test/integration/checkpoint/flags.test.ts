import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, mkdirSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { hasErrno } from '../../../src/errors/syscall-error.ts';
import { pipe2 } from '../../../src/syscalls/files/pipe.ts';
import {
  bindUnix,
  connectUnix,
  receiveDatagram,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
} from '../../../src/syscalls/network/socket.ts';
import type { RuntimeName, TestSpec } from '../../support/bundle.ts';
import { runCommand } from '../../support/command.ts';
import { needsCriu } from '../../support/host/criu.ts';
import { has } from '../../support/host/has.ts';
import { callsProgram } from '../../support/system-calls/call-programs.ts';
import { waitFor } from '../../support/wait-for.ts';
import { COUNT, Counter, succeed } from './counter.ts';

/*
 * What criu takes only with a flag. Each container is saved and restored by davit and, as far as
 * the machine's runc has the flag, by runc beside it.
 */

const known = has('runc') ? runCommand('runc', ['checkpoint', '--help']).stdout : '';

function besideRunc(
  name: string,
  flag: string,
  run: (t: TestContext, runtime: RuntimeName) => Promise<void>,
): void {
  for (const runtime of ['davit', 'runc'] as const) {
    const lacks = runtime === 'runc' && !known.includes(flag) ? `needs a runc with ${flag}` : false;
    test(`${runtime}: ${name}`, { skip: needsCriu || lacks }, (t) => run(t, runtime));
  }
}

/** Checks that criu refuses without the flag, in its own words, and that the container goes on. */
function refuses(counter: Counter, words: RegExp): void {
  const { status, stderr } = counter.checkpoint();
  assert.notEqual(status, 0);
  assert.match(readFileSync(join(counter.images, 'dump.log'), 'utf8'), words);
  if (counter.bundle.name === 'davit') assert.match(stderr, words);
  assert.equal(counter.bundle.state().status, 'running');
}

besideRunc('--link-remap: a removed file with another link', '--link-remap', async (t, runtime) => {
  const open = 'echo x > /gone; ln /gone /kept; exec 5< /gone; rm /gone; ';
  const counter = new Counter(t, undefined, open + COUNT, runtime);
  await counter.start();
  refuses(counter, /Use link-remap option/);
  await counter.roundTrip(['--link-remap'], []);
});

besideRunc('--file-locks: a lock that the program holds', '--file-locks', async (t, runtime) => {
  if (process.arch !== 'x64') return t.skip('the program is for x86-64');
  const counter = new Counter(t, undefined, `exec 5> /lock; /lock-5; ${COUNT}`, runtime);
  const program = callsProgram([[FLOCK, 5n, LOCK_EX]]);
  writeFileSync(join(counter.bundle.rootfs, 'lock-5'), program, { mode: 0o755 });
  await counter.start();
  refuses(counter, /file locks/);
  await counter.roundTrip(['--file-locks']);
});

/** flock(2). */
const FLOCK = 73;
const LOCK_EX = 2n;

/** The namespace of a container has other sockets than that of the host. */
const onHostNetwork = ({ linux }: TestSpec): void => {
  linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'network');
};

besideRunc(
  '--ext-unix-sk: a datagram socket whose peer is outside',
  '--ext-unix-sk',
  async (t, runtime) => {
    const counter = new Counter(t, undefined, COUNT, runtime);
    const { bundle } = counter;
    // criu connects to the same path in the container.
    const directory = join(bundle.dir, 'log');
    mkdirSync(directory);
    bundle.configure((spec) => {
      spec.process.args = ['sh', '-c', `trap 'echo $i' USR1; ${COUNT}`];
      spec.root.readonly = false;
      onHostNetwork(spec);
      const options = ['bind'];
      spec.mounts.push({ type: 'bind', source: directory, destination: directory, options });
    });
    const server = bindUnix(SOCK_DGRAM | SOCK_NONBLOCK, join(directory, 'socket'));
    const client = connectUnix(SOCK_DGRAM, join(directory, 'socket'));
    t.after(() => [server, client].forEach(closeSync));
    counter.stdio = ['ignore', client, 'ignore'];
    await counter.start();
    refuses(counter, /Consider using --ext-unix-sk/);
    await counter.roundTrip(['--ext-unix-sk']);
    succeed(bundle.runtime('kill', bundle.id, 'USR1'));
    await waitFor(() => Number(receive(server)) > 0);
  },
);

function receive(server: number): string {
  try {
    return receiveDatagram(server, 100).toString();
  } catch (error) {
    if (hasErrno(error, 'EAGAIN')) return '';
    throw error;
  }
}

besideRunc(
  '--tcp-skip-in-flight: a connection that nobody has accepted',
  '--tcp-skip-in-flight',
  async (t, runtime) => {
    const counter = new Counter(t, onHostNetwork, COUNT, runtime);
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const { fd } = (listener as unknown as { _handle: { fd: number } })._handle;
    counter.stdio = [fd, 'ignore', 'ignore'];
    await counter.run();
    listener.close();
    const client = connect(port, '127.0.0.1');
    t.after(() => client.destroy());
    await once(client, 'connect');
    // The kernel resets the connection when the checkpoint ends the listening process.
    client.on('error', () => {});
    await waitFor(() => counter.count() > 2);
    refuses(counter, /In-flight connection/);
    await counter.roundTrip(['--tcp-skip-in-flight'], []);
  },
);

besideRunc('a pipe that is not stdio loses its end outside', '--image-path', async (t, runtime) => {
  const [output, input] = pipe2();
  const program = `trap '' PIPE; i=0; ${COUNT.replace('i=0;', '').replace('echo', 'echo $i >&3; echo')}`;
  const counter = new Counter(t, undefined, program, runtime);
  counter.stdio = ['ignore', 'ignore', 'ignore', input];
  await counter.start('--preserve-fds', '1');
  closeSync(input);
  await counter.roundTrip();
  const rest = Buffer.alloc(1 << 16);
  while (readSync(output, rest) > 0);
  closeSync(output);
});

for (const mode of ['soft', 'full', 'ignore']) {
  besideRunc(`--manage-cgroups-mode ${mode}`, '--manage-cgroups-mode', async (t, runtime) => {
    const counter = new Counter(t, undefined, COUNT, runtime);
    await counter.start();
    const help = runtime === 'runc' && mode === 'ignore' && !/\bignore\b/.test(known);
    if (help) return t.skip('needs a runc with that mode');
    await counter.roundTrip(['--manage-cgroups-mode', mode]);
  });
}

test('--manage-cgroups-mode strict: not into a cgroup that exists', {
  skip: needsCriu,
}, async (t) => {
  const counter = new Counter(t);
  await counter.start();
  const strict = ['--manage-cgroups-mode', 'strict'];
  succeed(counter.checkpoint(...strict));
  const { status, stderr } = counter.restore(...strict);
  assert.equal(status, 1);
  assert.match(stderr, /Abort restore of existing cgroups/);
  counter.bundle.expectNothingLeft();
});
