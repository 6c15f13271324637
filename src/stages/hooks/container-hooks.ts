import type { WalkContext } from '../../lifecycle/context.ts';
import type { InitHookName } from '../../lifecycle/questions.ts';

/** The stage function that runs the hooks of `kind` in the container's namespaces. */
export const containerHooks =
  (kind: InitHookName) =>
  (ctx: WalkContext): void => {
    for (const { run } of ctx.bus.inContainer(kind)) run(ctx);
  };
