import type { LifecycleBus } from '../bus/bus.ts';
import type { ConfigQuestion } from '../bus/questions.ts';
import { type Adjusting, adjustSpec } from './adjust/adjust-spec.ts';
import { checkAdjustments } from './adjust/check-adjustments.ts';
import type { ConfigContext } from './api.ts';
import type { PluginCaller } from './call/plugin-caller.ts';
import { pluginContext } from './call/plugin-context.ts';
import type { PluginSession } from './call/plugin-session.ts';
import type { LoadedPlugin } from './load/loaded-plugin.ts';
import { frozenCopy } from './readonly-deep.ts';

/** Subscribes plugins' `adjust` and `validate` to the bus. */
export function interceptConfig(
  plugins: readonly LoadedPlugin[],
  bus: LifecycleBus,
  caller: PluginCaller,
  session: PluginSession,
): void {
  const context = (
    loaded: LoadedPlugin,
    { bundle, traceEnvironment }: ConfigQuestion,
    signal: AbortSignal,
  ): ConfigContext =>
    Object.assign(pluginContext(loaded, session), { bundle, traceEnvironment, signal });
  if (plugins.some(({ plugin }) => plugin.adjust)) {
    bus.intercept('adjust', async (question) => {
      const all = await collect(plugins, caller, question, context);
      return all.length > 0 ? adjustSpec(question.spec, question.bundle, all) : undefined;
    });
  }
  for (const loaded of plugins) {
    const { plugin } = loaded;
    if (!plugin.validate) continue;
    bus.intercept('validate', (question) =>
      caller.await(loaded, 'validate', '', (signal) =>
        plugin.validate!(frozenCopy(question.spec), context(loaded, question, signal)),
      ),
    );
  }
}

/** Every plugin sees the bundle's own configuration, whatever the others return. */
async function collect(
  plugins: readonly LoadedPlugin[],
  caller: PluginCaller,
  question: ConfigQuestion,
  context: (loaded: LoadedPlugin, question: ConfigQuestion, signal: AbortSignal) => ConfigContext,
): Promise<Adjusting[]> {
  const spec = frozenCopy(question.spec);
  const all: Adjusting[] = [];
  for (const loaded of plugins) {
    const { plugin } = loaded;
    if (!plugin.adjust) continue;
    const returned = await caller.await(loaded, 'adjust', '', (signal) =>
      plugin.adjust!(spec, context(loaded, question, signal)),
    );
    const adjustments = checkAdjustments(plugin.name, returned, plugin.claims);
    if (adjustments) all.push({ plugin: plugin.name, adjustments });
  }
  return all;
}
