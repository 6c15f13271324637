import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { runCommand } from '../../support/command.ts';
import { needsCriu } from '../../support/host/criu.ts';
import { has } from '../../support/host/has.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Counter, succeed } from './counter.ts';

const needsNetwork = needsCriu || (has('ip') && has('iptables') ? false : 'needs ip and iptables');

/** criu before 4.2 reads SO_PASSCRED of TCP sockets, which Linux 6.16 refuses. */
const PASSCRED = /Can't get 1:16 opt/;
const TOO_NEW = 'the kernel is too new for this criu';

/** Answers each line of one connection to port 1234. */
const SERVE = 'nc -l -p 1234 -e sh -c \'n=0; while read -r x; do n=$((n+1)); echo "$n $x"; done\'';

test('a TCP connection survives in an existing network namespace', {
  skip: needsNetwork,
}, async (t) => {
  const name = `dtcr${process.pid}`;
  const ip = (...args: string[]) => succeed(runCommand('ip', args));
  ip('netns', 'add', name);
  t.after(() => ip('netns', 'delete', name));
  ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  ip('address', 'add', '10.231.7.1/30', 'dev', name);
  ip('link', 'set', name, 'up');
  ip('-n', name, 'address', 'add', '10.231.7.2/30', 'dev', 'eth0');
  ip('-n', name, 'link', 'set', 'eth0', 'up');

  const counter = new Counter(
    t,
    ({ linux }) => {
      linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'network');
      linux.namespaces.push({ type: 'network', path: `/run/netns/${name}` });
    },
    SERVE,
  );
  const { bundle } = counter;
  await counter.run();
  const connection = await connected('10.231.7.2');
  t.after(() => connection.socket.destroy());
  connection.socket.write('one\n');
  await waitFor(() => connection.read.text === '1 one\n');

  const refused = counter.checkpoint();
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /criu failed: /);
  const saved = counter.checkpoint('--tcp-established');
  if (PASSCRED.test(saved.stderr)) return t.skip(TOO_NEW);
  succeed(saved);
  connection.socket.write('two\n');
  succeed(counter.restore('--tcp-established'));
  await waitFor(() => connection.read.text === '1 one\n2 two\n');
  assert.equal(bundle.state().status, 'running');
});

/** Waits until a program listens at the port. */
async function connected(host: string) {
  const read = { text: '' };
  for (;;) {
    const socket = connect(1234, host);
    const [error] = await Promise.race([
      once(socket, 'connect'),
      new Promise<unknown[]>((resolve) => socket.once('error', (cause) => resolve([cause]))),
    ]);
    if (error) continue;
    socket.on('data', (chunk) => {
      read.text += chunk;
    });
    return { socket, read };
  }
}

test('a server listens on lo of a new network namespace', {
  skip: needsCriu,
}, async (t) => {
  const counter = new Counter(t, undefined, 'while :; do nc -l -p 1234 -e echo hello; done');
  const { bundle } = counter;
  const asks = () => bundle.exec('sh', '-c', 'sleep 1 | nc 127.0.0.1 1234').stdout;
  await counter.run();
  await waitFor(() => asks() === 'hello\n');
  const saved = counter.checkpoint();
  if (PASSCRED.test(saved.stderr)) return t.skip(TOO_NEW);
  succeed(saved);
  succeed(counter.restore());
  await waitFor(() => asks() === 'hello\n');
});
