import type { RuntimeContext } from '../lifecycle/context.ts';
import type { Extensions } from '../lifecycle/extensions.ts';
import { type Adjusting, adjustSpec } from './adjust/adjust-spec.ts';
import { checkAdjustments } from './adjust/check-adjustments.ts';
import type { ConfigContext } from './api.ts';
import type { Caller } from './caller.ts';
import { type Occasion, pluginContext } from './extend.ts';
import type { LoadedPlugin } from './loaded.ts';
import { frozenCopy } from './readonly-deep.ts';

/** All that plugins do in adjustConfig; undefined when none has anything to do there. */
export function adjusting(
  plugins: readonly LoadedPlugin[],
  caller: Caller,
  occasion: Occasion,
): Extensions['adjust'] {
  if (!plugins.some(({ plugin }) => plugin.adjust || plugin.validate)) return undefined;
  return async (ctx) => {
    const context = (loaded: LoadedPlugin, signal: AbortSignal): ConfigContext => ({
      ...pluginContext(loaded, occasion),
      bundle: ctx.bundle,
      traceEnvironment: ctx.stageTraceEnvironment(),
      signal,
    });
    const all = await collect(plugins, caller, ctx, context);
    if (all.length > 0) ctx.spec = adjustSpec(ctx.spec, ctx.bundle, all);
    const spec = frozenCopy(ctx.spec);
    for (const loaded of plugins) {
      const { plugin } = loaded;
      if (!plugin.validate) continue;
      await caller.await(loaded, 'validate', '', (signal) =>
        plugin.validate!(spec, context(loaded, signal)),
      );
    }
  };
}

/** Every plugin sees the bundle's own configuration, whatever the others return. */
async function collect(
  plugins: readonly LoadedPlugin[],
  caller: Caller,
  ctx: RuntimeContext,
  context: (loaded: LoadedPlugin, signal: AbortSignal) => ConfigContext,
): Promise<Adjusting[]> {
  const spec = frozenCopy(ctx.spec);
  const all: Adjusting[] = [];
  for (const loaded of plugins) {
    const { plugin } = loaded;
    if (!plugin.adjust) continue;
    const returned = await caller.await(loaded, 'adjust', '', (signal) =>
      plugin.adjust!(spec, context(loaded, signal)),
    );
    const adjustments = checkAdjustments(plugin.name, returned, plugin.claims);
    if (adjustments) all.push({ plugin: plugin.name, adjustments });
  }
  return all;
}
