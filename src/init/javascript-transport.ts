import type { WalkContext } from '../context/context.ts';
import { monotonicNs } from '../syscalls/time/monotonic.ts';
import { becomeTrampoline } from './trampoline/become-trampoline.ts';
import { compileWalk } from './trampoline/compile-walk.ts';
import type { Transport } from './walk.ts';

/** Init's side of the transports whose init runs JavaScript: forked and shared. */
export const javascriptTransport = (ctx: WalkContext): Transport => ({
  run: (stage) => stage.run(ctx),
  javascript: {
    call: (interceptor) => interceptor.run(ctx),
    leave: (rest, begin) => becomeTrampoline(ctx, compileWalk(ctx, rest, begin)),
    now: monotonicNs,
    takeMounts: () => ctx.mountRuns.splice(0),
  },
});
