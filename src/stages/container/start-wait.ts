import { closeSync } from 'node:fs';
import type { InitContext } from '../../lifecycle/context.ts';
import { Channel } from '../../process/channel/channel.ts';
import { accept } from '../../syscalls/socket.ts';

/** Waits for `davit start`, which from here on is the runtime that init talks to. */
export function startWait(ctx: InitContext): void {
  ctx.channel.close();
  for (;;) {
    const connection = new Channel(accept(ctx.inherited.notify));
    // One that goes away without a word was no start, or did not live to ask for it.
    if (connection.receive()?.type === 'turn') {
      ctx.channel = connection;
      break;
    }
    connection.close();
  }
  closeSync(ctx.inherited.notify);
}
