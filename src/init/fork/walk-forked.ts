import type { WalkContext } from '../../context/context.ts';
import type { Stage } from '../../context/stage.ts';
import { exitNow, setsid } from '../../syscalls/task/process.ts';
import { javascriptTransport } from '../javascript-transport.ts';
import { Walk } from '../walk.ts';

/** Walks the stages as an init that is a copy of the runtime. */
export function walkForked(ctx: WalkContext, stages: readonly Stage[]): never {
  // Leaves the caller's session, so that the container does not have the caller's terminal.
  setsid();
  ctx.channel.send({ type: 'ready' });
  const walk = new Walk(stages, ctx.bus, javascriptTransport(ctx));
  for (const { tell, await: awaited } of walk.exchanges()) {
    // Not a variable: startWait replaces the channel.
    if (tell) ctx.channel.send(tell);
    else if (ctx.channel.receive()?.type !== awaited) break;
  }
  exitNow(1);
}
