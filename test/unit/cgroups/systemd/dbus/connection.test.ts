import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BUS } from '../../../../../src/cgroups/systemd/bus.ts';
import { Connection } from '../../../../../src/cgroups/systemd/dbus/connection.ts';
import { programEventLoop } from '../../../../../src/operations/session/program-event-loop.ts';
import {
  connectUnix,
  listenUnix,
  SOCK_STREAM,
} from '../../../../../src/syscalls/network/socket.ts';

const skip = spawnSync('dbus-daemon', ['--version']).error ? 'needs dbus-daemon' : false;

async function startBus(t: TestContext): Promise<string> {
  const socket = join(mkdtempSync(join(tmpdir(), 'bus-')), 'bus');
  const args = ['--session', '--nofork', '--print-address', `--address=unix:path=${socket}`];
  const bus = spawn('dbus-daemon', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => bus.kill());
  await once(bus.stdout, 'data');
  return socket;
}

test('a bus answers calls, also with errors, and sends subscribed signals', {
  skip,
}, async (t) => {
  const connection = await Connection.open(await startBus(t));
  t.after(() => connection.close());
  const [name] = await connection.call({ ...BUS, member: 'Hello' });
  assert.match(String(name), /^:1\./);
  const uid = { member: 'GetConnectionUnixUser', signature: 's', body: [name!] };
  assert.deepEqual(await connection.call({ ...BUS, ...uid }), [process.geteuid!()]);
  await assert.rejects(
    connection.call({ ...BUS, member: 'GetNameOwner', signature: 's', body: ['a.b'] }),
    { name: 'DBusError', errorName: 'org.freedesktop.DBus.Error.NameHasNoOwner' },
  );
  // The bus sends NameAcquired after Hello.
  assert.equal((await connection.nextSignal(0))?.member, 'NameAcquired');
  assert.equal(await connection.nextSignal(0), undefined);
});

test('without a bus, the error names the socket', async () => {
  await assert.rejects(Connection.open('/nonexistent/bus'), {
    code: 'ENOENT',
    message: /connect \/nonexistent\/bus/,
  });
});

test('a bus that has no room for a connection does not block the event loop', async (t) => {
  const socket = join(mkdtempSync(join(tmpdir(), 'bus-')), 'bus');
  const listener = listenUnix(SOCK_STREAM, socket, 0);
  const only = connectUnix(SOCK_STREAM, socket);
  t.after(() => closeSync(only));
  setTimeout(() => closeSync(listener), 100);
  await assert.rejects(Connection.open(socket, programEventLoop), { code: 'ECONNREFUSED' });
});
