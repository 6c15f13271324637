import { closeSync } from 'node:fs';
import { checkOptions, checkText } from '../../check-options.ts';
import type { ContainerProcessState } from '../../config/types.ts';
import { listenUnix, SOCK_STREAM } from '../../syscalls/network/socket.ts';
import { POLLHUP, POLLIN, poll } from '../../syscalls/poll/poll.ts';
import { receiveCall, type SeccompCall } from './call.ts';
import { receiveListener } from './receive-listener.ts';

/** Milliseconds between calls of `abandoned`. */
const ABANDONED_CHECK_MS = 250;

/** The notify fd of a filter that a container's process installed. */
interface Listener {
  readonly fd: number;
  readonly container: ContainerProcessState;
}

export interface SeccompAgentOptions {
  /** Called every quarter of a second until the first filter is announced. True ends the wait. */
  abandoned?: () => boolean;
}

/**
 * A seccomp agent: it listens at a profile's `linux.seccomp.listenerPath` and decides the system
 * calls for which the profile says SCMP_ACT_NOTIFY. It blocks its thread, and every such call of
 * the container waits for it, so it needs its own process. If the agent ends first, the calls fail
 * with ENOSYS.
 */
export class SeccompAgent {
  readonly #socket: number;
  readonly #abandoned: () => boolean;
  #listeners: Listener[] = [];

  /**
   * Binds a socket at `path`, of at most 107 bytes. Throws TypeError for options that do not exist.
   */
  constructor(path: string, options: SeccompAgentOptions = {}) {
    checkText('new SeccompAgent', 'path', path);
    checkOptions<SeccompAgentOptions>('new SeccompAgent', options, { abandoned: 'function?' });
    const { abandoned = () => false } = options;
    this.#socket = listenUnix(SOCK_STREAM, path);
    this.#abandoned = abandoned;
  }

  /** Yields each call, which must be answered. Ends with the last process under a filter. */
  *calls(): Generator<SeccompCall, void> {
    for (let announced = false; !announced || this.#listeners.length > 0; ) {
      const waiting = [
        { fd: this.#socket, events: POLLIN, revents: 0 },
        ...this.#listeners.map(({ fd }) => ({ fd, events: POLLIN, revents: 0 })),
      ];
      poll(waiting, announced ? -1 : ABANDONED_CHECK_MS);
      const [socket, ...listeners] = waiting.map(({ revents }) => revents);
      for (const [i, listener] of [...this.#listeners.entries()]) {
        const events = listeners[i]!;
        const call = events & POLLIN ? receiveCall(listener.fd, listener.container) : undefined;
        if (call) yield call;
        else if (events & POLLHUP) this.#end(listener);
      }
      if (socket! & POLLIN) {
        this.#listeners.push(receiveListener(this.#socket));
        announced = true;
      } else if (!announced && this.#abandoned()) return;
    }
  }

  /** Stops listening. */
  close(): void {
    for (const listener of [...this.#listeners]) this.#end(listener);
    closeSync(this.#socket);
  }

  #end(listener: Listener): void {
    closeSync(listener.fd);
    this.#listeners = this.#listeners.filter((other) => other !== listener);
  }
}
