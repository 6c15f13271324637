import assert from 'node:assert/strict';
import { closeSync, readSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { SOCK_STREAM, socketpair } from '../../../../src/syscalls/network/socket.ts';
import { watchFd } from '../../../../src/syscalls/poll/fd-watch.ts';
import { POLLIN, POLLOUT } from '../../../../src/syscalls/poll/poll.ts';
import { readyWithin } from '../../../../src/syscalls/poll/poll-on-event-loop.ts';

test('two waits for one fd are told of different events', async (t) => {
  const [one, other] = pair(t);
  const told: string[] = [];
  const reading = watchFd({ fd: one, events: POLLIN }, () => told.push('in'));
  const writing = watchFd({ fd: one, events: POLLOUT }, () => {
    told.push('out');
    writing.end();
  });
  await until(() => told.length > 0);
  assert.deepEqual(told, ['out']);
  writeSync(other, 'x');
  await until(() => told.length > 1);
  assert.equal(told[1], 'in');
  reading.end();
});

test('a wait that has ended is told nothing more', async (t) => {
  const [one, other] = pair(t);
  const told: string[] = [];
  const first = watchFd({ fd: one, events: POLLIN }, () => told.push('first'));
  const second = watchFd({ fd: one, events: POLLIN }, () => told.push('second'));
  first.end();
  writeSync(other, 'x');
  await until(() => told.length > 0);
  assert.ok(told.every((name) => name === 'second'));
  second.end();
});

test('an fd that was closed while it was watched does not disturb the next of its number', async (t) => {
  const [one, other] = socketpair(SOCK_STREAM);
  const forgotten = watchFd({ fd: one, events: POLLOUT }, () => {});
  closeSync(one);
  closeSync(other);
  const [next, peer] = pair(t);
  assert.equal(next, one);
  writeSync(peer, 'x');
  await readyWithin([{ fd: next, events: POLLIN }], -1);
  assert.equal(readSync(next, Buffer.alloc(1)), 1);
  forgotten.end();
});

function pair(t: { after(clean: () => void): void }): [number, number] {
  const fds = socketpair(SOCK_STREAM);
  t.after(() => fds.map((fd) => closeSync(fd)));
  return fds;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}
