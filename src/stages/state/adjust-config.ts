import type { ConfigQuestion } from '../../bus/questions.ts';
import { makesNamespace } from '../../config/has-namespace.ts';
import type { Spec } from '../../config/types.ts';
import type { ConfiguredContext } from '../../context/context.ts';

/** True where a subscriber may change the configuration, or refuse it. */
export const hasConfigInterceptors = ({ bus }: Pick<ConfiguredContext, 'bus'>): boolean =>
  bus.hasInterceptors('adjust') || bus.hasInterceptors('validate');

/** Lets subscribers adjust a valid configuration, or refuse it. createState keeps the result. */
export async function adjustConfig(
  ctx: ConfiguredContext,
): Promise<Pick<ConfiguredContext, 'spec'>> {
  let { spec } = ctx;
  for (const adjusted of await ctx.bus.ask('adjust', question(ctx, spec))) {
    if (adjusted !== undefined) spec = adjusted as Spec;
  }
  await ctx.bus.ask('validate', question(ctx, spec));
  ctx.record.annotations = spec.annotations ?? {};
  ctx.record.sharedPid = !makesNamespace(spec.linux, 'pid');
  return { spec };
}

const question = (
  { id, bundle, stageTraceEnvironment }: ConfiguredContext,
  spec: Spec,
): ConfigQuestion => ({
  id,
  bundle,
  spec,
  traceEnvironment: stageTraceEnvironment(),
});
