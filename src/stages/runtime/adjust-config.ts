import { makesNamespace } from '../../config/validate/has-namespace.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';

/** Has plugins change a configuration that is valid; what is kept of the container is the result. */
export async function adjustConfig(ctx: RuntimeContext): Promise<void> {
  await ctx.extensions?.adjust?.(ctx);
  const { annotations, linux } = ctx.spec;
  ctx.record.annotations = annotations ?? {};
  ctx.record.sharedPid = !makesNamespace(linux, 'pid');
}
