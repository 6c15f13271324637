import type { RuntimeContext } from '../context/context.ts';
import { POLLIN, poll } from '../syscalls/poll/poll.ts';

/**
 * Waits for init's next message; false when init ends without one. A child of init may keep the
 * socket open, so the socket alone does not show the end.
 */
export async function awaitInitMessage(ctx: RuntimeContext): Promise<boolean> {
  const { channel, init, eventLoop } = ctx;
  if (channel!.inputs.length === 0) return true;
  const polled = [...channel!.inputs, init!.pidfd].map((fd) => ({
    fd,
    events: POLLIN,
    revents: 0,
  }));
  do {
    await eventLoop?.readable(channel!.fd, CHECK_MS);
  } while (poll(polled, eventLoop ? 0 : -1) === 0);
  // Its last message may have arrived together with its end.
  return channel!.readable(0);
}

/** Milliseconds between checks for init's end: an event loop only waits for the message. */
const CHECK_MS = 200;
