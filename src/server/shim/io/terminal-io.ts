import { writeSync } from 'node:fs';
import { closeFd } from '../../../syscalls/files/close-fd.ts';
import { eventfd } from '../../../syscalls/files/eventfd.ts';
import { SOCK_STREAM, socketpair } from '../../../syscalls/network/socket.ts';
import { POLLIN } from '../../../syscalls/poll/poll.ts';
import { pollOnEventLoop } from '../../../syscalls/poll/poll-on-event-loop.ts';
import { setWindowSize, type WindowSize } from '../../../syscalls/tty/tty.ts';
import { receiveTerminal } from '../../../terminal/console-socket.ts';
import { TerminalRelay } from '../../../terminal/terminal-relay.ts';
import { openInput, type Stream } from './fifo.ts';
import type { ProcessIo } from './process-io.ts';

/** How long the rest of a terminal's output may take, once its process has ended, in milliseconds. */
const DRAIN_MS = 10_000;
/** How long a terminal that another process still holds may be silent before it is closed. */
const SILENCE_MS = 100;

/** A terminal, whose data is copied between its master end and what containerd has opened. */
export class TerminalIo implements ProcessIo {
  readonly stdio: readonly number[];
  readonly console: number;
  readonly #stdin: Stream;
  readonly #stdout: Stream;
  readonly #ours: number;
  /** Readable once the process has ended. */
  readonly #over: number;
  readonly #open = new DisposableStack();
  readonly #input = new DisposableStack();
  readonly #output = new DisposableStack();
  readonly #theirs = new DisposableStack();
  #relay: TerminalRelay | undefined;
  #copied = Promise.resolve();

  constructor(stdin: Stream, stdout: Stream) {
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#input.adopt(stdin.held, closeFd);
    this.#output.adopt(stdout.end, closeFd);
    for (const fd of [stdin.end, stdout.held]) this.#open.adopt(fd, closeFd);
    const nothing = this.#theirs.adopt(openInput('/dev/null').end, closeFd);
    this.stdio = [nothing, nothing, nothing];
    const [ours, theirs] = socketpair(SOCK_STREAM);
    this.#ours = this.#open.adopt(ours, closeFd);
    this.console = this.#theirs.adopt(theirs, closeFd);
    this.#over = this.#open.adopt(eventfd(), closeFd);
  }

  launched(): void {
    this.#theirs.dispose();
    const master = receiveTerminal(this.#ours);
    this.#relay = new TerminalRelay(master, this.#stdin.end, this.#stdout.end);
    this.#copied = this.#copy(this.#relay);
  }

  closeStdin(): void {
    this.#input.dispose();
  }

  resize(size: WindowSize): void {
    if (this.#relay?.isOpen) setWindowSize(this.#relay.master, size);
  }

  async ended(): Promise<void> {
    this.closeStdin();
    if (!this.#relay) return;
    writeSync(this.#over, new BigUint64Array([1n]));
    await this.#copied;
    this.#relay.close();
    this.#output.dispose();
  }

  async close(): Promise<void> {
    await this.ended();
    for (const stack of [this.#theirs, this.#input, this.#output, this.#open]) stack.dispose();
  }

  async #copy(relay: TerminalRelay): Promise<void> {
    const over = { fd: this.#over, events: POLLIN, revents: 0 };
    while (relay.isOpen && over.revents === 0) {
      const timeout = relay.prepare();
      await pollOnEventLoop([over, ...Object.values(relay.polled)], timeout);
      relay.copy();
    }
    await drain(relay);
  }
}

/** Passes on what the terminal still holds. */
async function drain(relay: TerminalRelay): Promise<void> {
  const { master, stdout } = relay.polled;
  const deadline = performance.now() + DRAIN_MS;
  relay.wake();
  while (relay.isOpen && performance.now() < deadline) {
    relay.prepare();
    const blocked = stdout.fd !== -1;
    // The terminal has hung up, and all of its output is written.
    if (!blocked && master.fd === -1) return;
    await pollOnEventLoop([master, stdout], SILENCE_MS);
    if (!blocked && master.revents === 0) return;
    relay.copy();
  }
}
