import { closeSync } from 'node:fs';
import type { RuntimeContext } from '../context/context.ts';
import { hasErrno, unlessRefused } from '../errors/syscall-error.ts';
import { isAlive } from '../state/init-process.ts';
import type { ContainerRecord } from '../state/record.ts';
import { POLLIN, poll } from '../syscalls/poll/poll.ts';
import { kill } from '../syscalls/signal/signals.ts';
import { pidfdSendSignal } from '../syscalls/task/pidfd.ts';
import { monotonicMs } from '../syscalls/time/monotonic.ts';
import { sleepSync } from '../syscalls/time/sleep.ts';
import { openInit } from './open-init.ts';
import { watchChild } from './watch-child.ts';

/** Sends a signal to a container's init; false when init has ended. */
export const signalInit = (record: ContainerRecord, signal: number): boolean =>
  unlessRefused(
    () => withInit(record, (pidfd) => pidfdSendSignal(pidfd, signal)),
    () => signalByPid(record, signal),
  );

/** Waits until init has ended; false when it has not within `timeout` milliseconds. */
export function awaitInitEnd(record: ContainerRecord, timeout: number): boolean {
  let ended = true;
  unlessRefused<unknown>(
    () =>
      withInit(record, (pidfd) => {
        ended = hasEnded(pidfd, timeout);
      }),
    () => {
      ended = looksEndedWithin(record, timeout);
    },
  );
  return ended;
}

/** A killed process ends late if it is in an uninterruptible sleep. */
export const END_TIMEOUT_MS = 10_000;

/** Waits for the end of the container's process; false when it has not come in END_TIMEOUT_MS. */
export function awaitEnd({ init, record }: Pick<RuntimeContext, 'init' | 'record'>): boolean {
  return init ? hasChildEnded(init.pid, END_TIMEOUT_MS) : awaitInitEnd(record, END_TIMEOUT_MS);
}

function hasChildEnded(pid: number, timeout: number): boolean {
  using end = watchChild(pid);
  const deadline = monotonicMs() + timeout;
  for (;;) {
    poll([end.pollFd], end.pollTimeout(Math.max(0, deadline - monotonicMs())));
    if (end.check()) return true;
    if (monotonicMs() >= deadline) return false;
  }
}

const hasEnded = (pidfd: number, timeout: number): boolean =>
  poll([{ fd: pidfd, events: POLLIN, revents: 0 }], timeout) > 0;

/** Without a pidfd: another process may have got the pid since isAlive. */
function signalByPid(record: ContainerRecord, signal: number): boolean {
  if (!isAlive(record)) return false;
  try {
    kill(record.initPid, signal);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ESRCH')) return false;
    throw error;
  }
}

const POLL_MS = 5;

function looksEndedWithin(record: ContainerRecord, timeout: number): boolean {
  for (const end = monotonicMs() + timeout; isAlive(record); sleepSync(POLL_MS)) {
    if (monotonicMs() > end) return false;
  }
  return true;
}

/** False when init has ended, reaped or not. */
function withInit(record: ContainerRecord, action: (pidfd: number) => void): boolean {
  const pidfd = openInit(record, isAlive);
  if (pidfd === undefined) return false;
  try {
    action(pidfd);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ESRCH')) return false;
    throw error;
  } finally {
    closeSync(pidfd);
  }
}
