import { POLLIN, poll } from '../syscalls/poll/poll.ts';
import type { RuntimeContext } from './context.ts';

/** Waits for init's next word; false when it ends without one: a child that it leaves waits, too. */
export async function heardBeforeEnd(ctx: RuntimeContext): Promise<boolean> {
  const { channel, init, eventLoop } = ctx;
  const word = { fd: channel!.fd, events: POLLIN, revents: 0 };
  const end = { fd: init!.pidfd, events: POLLIN, revents: 0 };
  do {
    await eventLoop?.readable(word.fd, CHECK_MS);
  } while (poll([word, end], eventLoop ? 0 : -1) === 0);
  return word.revents !== 0 || channel!.readable(0);
}

/** How often an event loop, which waits for the word alone, has a look at the end. */
const CHECK_MS = 200;
