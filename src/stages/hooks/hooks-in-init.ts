import type { WalkContext } from '../../context/context.ts';

/** Runs the createContainer hooks as children of init. */
export function createContainerHooksInInit(ctx: WalkContext): void {
  for (const { run } of ctx.bus.inContainer('createContainer')) run(ctx);
}
