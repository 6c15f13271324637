import { closeSync, existsSync, openSync, readSync, writeSync } from 'node:fs';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { closedOnFailure } from '../../syscalls/files/closed-on-failure.ts';
import { eventfd } from '../../syscalls/files/eventfd.ts';
import { watchReadable } from '../../syscalls/poll/readable.ts';
import { fileError, writeFile } from '../files.ts';
import type { OomWatch } from '../usage/oom-watch.ts';

/** Documentation/admin-guide/cgroup-v1/memory.rst, "OOM Control": an eventfd counts OOM events. */
export function watchOomV1(dir: string, notice: () => void): OomWatch {
  const event = register(dir);
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  let state: 'open' | 'closing' | 'ended' = 'open';
  const wait = async () => {
    await watchReadable(event).readable;
    readSync(event, Buffer.alloc(8));
    // The eventfd also fires when the cgroup is removed, and when `close` calls `wake`.
    if (state === 'open' && existsSync(dir)) {
      notice();
      return wait();
    }
    state = 'ended';
    closeSync(event);
    resolve();
  };
  void wait();
  const close = () => {
    if (state !== 'open') return;
    state = 'closing';
    wake(event);
  };
  return { ended, close };
}

function register(dir: string): number {
  using fds = new DisposableStack();
  const control = fds.adopt(openOomControl(dir), closeFd);
  return closedOnFailure(eventfd(), (event) =>
    writeFile(dir, 'cgroup.event_control', `${event} ${control}`),
  );
}

function openOomControl(dir: string): number {
  try {
    return openSync(`${dir}/memory.oom_control`, 'r');
  } catch (error) {
    throw fileError(error, 'open', `open ${dir}/memory.oom_control`);
  }
}

/** Ends the wait for the eventfd, by adding 1. */
function wake(event: number): void {
  const one = Buffer.alloc(8);
  one.writeBigUInt64LE(1n);
  writeSync(event, one);
}
