import assert from 'node:assert/strict';
import {
  closeSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connectPidfdSocket, sendPidfd } from '../../../src/caller/pidfd-socket.ts';
import {
  accept,
  listenUnix,
  receiveMessage,
  SOCK_STREAM,
} from '../../../src/syscalls/network/socket.ts';
import { pidfdOpen } from '../../../src/syscalls/task/pidfd.ts';
import {
  checkTerminal,
  connectConsoleSocket,
  receiveTerminal,
  sendTerminal,
} from '../../../src/terminal/console-socket.ts';
import { needsRoot } from '../../support/bundle.ts';
import { openPty } from '../process/pty.ts';

const options = { skip: needsRoot };

function temporary(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'davit-console-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

test('the caller receives the master end, with the name that runc sends', options, (t) => {
  const path = join(temporary(t), 'console');
  const listening = listenUnix(SOCK_STREAM, path);
  const socket = connectConsoleSocket(path);
  const { master, slave } = openPty();
  sendTerminal(socket, master);
  closeSync(socket);
  const connection = accept(listening);
  const { bytes, fds } = receiveMessage(connection, 4096, 8);
  assert.equal(bytes.toString(), '/dev/pts/ptmx');
  assert.equal(fds.length, 1);
  assert.equal(fstatSync(fds[0]!).rdev, fstatSync(master).rdev);
  assert.equal(receiveMessage(connection, 16).bytes.length, 0);
  for (const fd of [...fds, connection, listening, master, slave]) closeSync(fd);
});

test('the runtime receives what init sends, and an error if nothing comes', options, (t) => {
  const path = join(temporary(t), 'console');
  const listening = listenUnix(SOCK_STREAM, path);
  const { master, slave } = openPty();
  const sender = connectConsoleSocket(path);
  const receiver = accept(listening);
  sendTerminal(sender, master);
  closeSync(receiveTerminal(receiver));
  closeSync(sender);
  assert.throws(() => receiveTerminal(receiver), /without a terminal/);
  for (const fd of [receiver, listening, master, slave]) closeSync(fd);
});

test('a path longer than sun_path works', (t) => {
  const directory = join(temporary(t), 'd'.repeat(120));
  mkdirSync(directory);
  const path = join(directory, 'console');
  // The owner has to bind it by a short name for the same directory.
  const server = openDirectory(directory, (short) => listenUnix(SOCK_STREAM, `${short}/console`));
  closeSync(connectConsoleSocket(path));
  closeSync(server);
});

test('an error names the socket and the reason', (t) => {
  const directory = temporary(t);
  assert.throws(() => connectConsoleSocket(join(directory, 'none')), {
    name: 'RuntimeError',
    message: `--console-socket ${directory}/none: no such file or directory`,
  });
  writeFileSync(join(directory, 'file'), '');
  assert.throws(() => connectConsoleSocket(join(directory, 'file')), {
    message: `--console-socket ${directory}/file: connection refused: not a socket`,
  });
  closeSync(listenUnix(SOCK_STREAM, join(directory, 'stale')));
  assert.throws(() => connectPidfdSocket(join(directory, 'stale')), {
    message: `--pidfd-socket ${directory}/stale: connection refused: nobody listens on it`,
  });
});

test('a pidfd is sent with its kind', (t) => {
  const path = join(temporary(t), 'pidfd');
  const listening = listenUnix(SOCK_STREAM, path);
  const socket = connectPidfdSocket(path);
  const pidfd = pidfdOpen(process.pid);
  sendPidfd(socket, pidfd, 'setns');
  const connection = accept(listening);
  const { bytes, fds } = receiveMessage(connection, 4096, 8);
  assert.equal(bytes.toString(), 'setns');
  assert.equal(readlinkSync(`/proc/self/fd/${fds[0]}`), 'anon_inode:[pidfd]');
  for (const fd of [...fds, connection, listening, socket, pidfd]) closeSync(fd);
});

test('the rules for terminal, detach and console socket are runc’s', () => {
  const refused = (request: Parameters<typeof checkTerminal>[0], message: string) =>
    assert.throws(() => checkTerminal(request), { message });
  const noSocket = 'cannot allocate tty if davit will detach without setting console socket';
  const noUse = 'cannot use console socket if davit will not detach or allocate tty';
  refused({ terminal: true, detach: true }, noSocket);
  refused({ terminal: true, detach: true, consoleSocket: '' }, noSocket);
  refused({ terminal: true, detach: false, consoleSocket: '/s' }, noUse);
  refused({ terminal: false, detach: true, consoleSocket: '/s' }, noUse);
  refused({ terminal: false, detach: false, consoleSocket: '/s' }, noUse);
  checkTerminal({ terminal: true, detach: true, consoleSocket: '/s' });
  checkTerminal({ terminal: true, detach: false });
  checkTerminal({ terminal: false, detach: true });
  checkTerminal({ terminal: false, detach: false });
});

function openDirectory<T>(path: string, use: (short: string) => T): T {
  const fd = openSync(path, 'r');
  try {
    return use(`/proc/self/fd/${fd}`);
  } finally {
    closeSync(fd);
  }
}
