import { closeFd } from '../syscalls/files/close-fd.ts';
import { POLLIN, type PollFd } from '../syscalls/poll/poll.ts';
import { tryPidfdOpen } from '../syscalls/task/pidfd.ts';
import { hasExited } from '../syscalls/task/wait.ts';
import type { Forked } from './fork/fork.ts';

const POLL_MS = 5;

/**
 * Notices the end of a child by its pidfd, or by polling where pidfd_open(2) is refused. The child
 * must not be reaped meanwhile.
 */
export class ChildWatch {
  /** For poll(2). */
  readonly pollFd: PollFd;
  readonly #pid: number;
  #ended = false;

  /** Without a pidfd the child must be this process's own. */
  constructor({ pid, pidfd }: Forked) {
    this.#pid = pid;
    this.pollFd = { fd: pidfd, events: POLLIN, revents: 0 };
  }

  /** True once {@link check} has seen it. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  /** The timeout for poll(2), to wait `timeout` milliseconds (-1: no limit). */
  pollTimeout(timeout: number): number {
    if (this.#ended || this.pollFd.fd >= 0) return timeout;
    return timeout < 0 ? POLL_MS : Math.min(POLL_MS, timeout);
  }

  /** To be called after poll(2). */
  check(): boolean {
    if (this.#ended) return true;
    const { fd, revents } = this.pollFd;
    this.#ended = fd >= 0 ? revents !== 0 : hasExited(this.#pid);
    if (this.#ended) this.pollFd.fd = -1;
    return this.#ended;
  }
}

/** Watches a child of this process. */
export function watchChild(pid: number): ChildWatch & Disposable {
  const pidfd = tryPidfdOpen(pid);
  return Object.assign(new ChildWatch({ pid, pidfd }), { [Symbol.dispose]: () => closeFd(pidfd) });
}
