import type { WalkContext } from '../../context/context.ts';
import { javascriptTransport } from '../javascript-transport.ts';
import { compileWalk } from '../trampoline/compile-walk.ts';
import type { Transport } from '../walk.ts';
import { handOver } from './hand-over.ts';
import type { RemoteInit } from './remote-init.ts';

/** The helper's side of a walk for an init that is another process's child. */
export function remoteTransport(ctx: WalkContext, remote: RemoteInit): Transport {
  const { run, javascript } = javascriptTransport(ctx);
  return {
    run,
    javascript: {
      ...javascript!,
      leave: (rest, begin) => handOver(ctx, remote, compileWalk(ctx, rest, begin)),
    },
  };
}
