import { setImmediate } from 'node:timers/promises';
import type { EventLoop } from '../../syscalls/poll/event-loop.ts';
import { POLLIN } from '../../syscalls/poll/poll.ts';
import { pollOnEventLoop } from '../../syscalls/poll/poll-on-event-loop.ts';

/** Milliseconds that davit may use the thread without a break. */
const SLICE = 5;

/** When the event loop last had a turn between two stages. */
let turned = 0;

/** The event loop of the embedding program. */
export const programEventLoop: EventLoop = {
  async turn() {
    if (performance.now() - turned < SLICE) return;
    await setImmediate();
    turned = performance.now();
  },
  readable: (fd, timeout) => pollOnEventLoop([{ fd, events: POLLIN, revents: 0 }], timeout),
};
