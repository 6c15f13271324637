import { closeFd } from '../syscalls/files/close-fd.ts';
import { POLLIN, type PollFd } from '../syscalls/poll/poll.ts';
import { tryPidfdOpen } from '../syscalls/task/pidfd.ts';
import { hasExited } from '../syscalls/task/wait.ts';

const LOOK_MS = 5;

/** Notices the end of a child: by a pidfd, or where pidfd_open(2) is refused by polling. */
export interface ChildWatch extends Disposable {
  /** For poll(2). */
  readonly polled: PollFd;
  /** True once {@link look} has seen it. */
  readonly seen: boolean;
  /** The timeout for poll(2), to wait `timeout` milliseconds (-1: no limit). */
  atMost(timeout: number): number;
  /** To be called after poll(2). */
  look(): boolean;
}

/** Watches a child, which must not be reaped meanwhile. */
export function watchChild(pid: number): ChildWatch {
  const pidfd = tryPidfdOpen(pid);
  const polled: PollFd = { fd: pidfd, events: POLLIN, revents: 0 };
  let seen = false;
  return {
    polled,
    get seen() {
      return seen;
    },
    atMost: (timeout) => {
      if (pidfd >= 0) return timeout;
      return timeout < 0 ? LOOK_MS : Math.min(LOOK_MS, timeout);
    },
    look: () => {
      seen ||= pidfd >= 0 ? polled.revents !== 0 : hasExited(pid);
      if (seen) polled.fd = -1;
      return seen;
    },
    [Symbol.dispose]: () => closeFd(pidfd),
  };
}
