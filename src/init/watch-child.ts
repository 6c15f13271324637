import { closeFd } from '../syscalls/files/close-fd.ts';
import { POLLIN, type PollFd } from '../syscalls/poll/poll.ts';
import { tryPidfdOpen } from '../syscalls/task/pidfd.ts';
import { hasExited } from '../syscalls/task/wait.ts';

const POLL_MS = 5;

/** Notices the end of a child: by a pidfd, or where pidfd_open(2) is refused by polling. */
export interface ChildWatch extends Disposable {
  /** For poll(2). */
  readonly pollFd: PollFd;
  /** True once {@link check} has seen it. */
  readonly hasEnded: boolean;
  /** The timeout for poll(2), to wait `timeout` milliseconds (-1: no limit). */
  pollTimeout(timeout: number): number;
  /** To be called after poll(2). */
  check(): boolean;
}

/** Watches a child, which must not be reaped meanwhile. */
export function watchChild(pid: number): ChildWatch {
  const pidfd = tryPidfdOpen(pid);
  const pollFd: PollFd = { fd: pidfd, events: POLLIN, revents: 0 };
  let ended = false;
  return {
    pollFd,
    get hasEnded() {
      return ended;
    },
    pollTimeout: (timeout) => {
      if (pidfd >= 0) return timeout;
      return timeout < 0 ? POLL_MS : Math.min(POLL_MS, timeout);
    },
    check: () => {
      ended ||= pidfd >= 0 ? pollFd.revents !== 0 : hasExited(pid);
      if (ended) pollFd.fd = -1;
      return ended;
    },
    [Symbol.dispose]: () => closeFd(pidfd),
  };
}
