import { makesNamespace } from '../../config/has-namespace.ts';
import type { Spec } from '../../config/types.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import type { ConfigQuestion } from '../../lifecycle/questions.ts';

/** True where a subscriber may change the configuration, or refuse it. */
export const hasConfigInterceptors = ({ bus }: Pick<RuntimeContext, 'bus'>): boolean =>
  bus.isAsked('adjust') || bus.isAsked('validate');

/** Lets subscribers adjust a valid configuration, or refuse it. createState keeps the result. */
export async function adjustConfig(ctx: RuntimeContext): Promise<void> {
  for (const adjusted of await ctx.bus.ask('adjust', question(ctx))) {
    if (adjusted !== undefined) ctx.spec = adjusted as Spec;
  }
  await ctx.bus.ask('validate', question(ctx));
  const { annotations, linux } = ctx.spec;
  ctx.record.annotations = annotations ?? {};
  ctx.record.sharedPid = !makesNamespace(linux, 'pid');
}

const question = ({ id, bundle, spec, stageTraceEnvironment }: RuntimeContext): ConfigQuestion => ({
  ...{ id, bundle, spec },
  traceEnvironment: stageTraceEnvironment(),
});
