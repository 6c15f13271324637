import { closeSync, constants } from 'node:fs';
import type { InitContext } from '../../lifecycle/context.ts';
import { Channel } from '../../process/channel/channel.ts';
import { openNamespaces } from '../../process/namespaces-of-init.ts';
import { openat } from '../../syscalls/file.ts';
import { accept } from '../../syscalls/socket.ts';

/** Waits for `davit start`, which from here on is the runtime that init talks to. */
export function startWait(ctx: InitContext): void {
  ctx.channel.close();
  for (;;) {
    const connection = new Channel(accept(ctx.inherited.notify));
    // One that goes away without a word was no start, or did not live to ask for it.
    const type = connection.receive()?.type;
    if (type === 'turn') {
      ctx.channel = connection;
      break;
    }
    if (type === 'namespaces') sendNamespaces(connection, ctx.procfs);
    connection.close();
  }
  closeSync(ctx.inherited.notify);
}

/** For `davit exec` of whoever could connect, which takes the caller's own directory. */
function sendNamespaces(connection: Channel, procfs: number): void {
  const own = openNamespaces((file) => openat(procfs, `self/ns/${file}`, constants.O_RDONLY));
  try {
    connection.send(
      { type: 'namespaces', types: own.map(([type]) => type) },
      own.map(([, fd]) => fd),
    );
  } catch {
    // Whoever asked is gone; init goes on waiting.
  } finally {
    for (const [, fd] of own) closeSync(fd);
  }
}
