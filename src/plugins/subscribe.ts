import type { LifecycleBus } from '../lifecycle/bus.ts';
import type { StageQuestion } from '../lifecycle/questions.ts';
import type { ContainerStageName, StageName } from '../lifecycle/stages.ts';
import type { PluginContext, StageContext } from './api.ts';
import { atWorkInInit } from './at-work.ts';
import { Caller } from './caller.ts';
import { containerContext } from './in-container.ts';
import { interceptConfig } from './intercept-config.ts';
import type { LoadedPlugin } from './loaded.ts';
import type { Occasion } from './occasion.ts';
import { pluginContext } from './plugin-context.ts';
import { PluginError } from './plugin-error.ts';
import { frozenCopy } from './readonly-deep.ts';

const MOMENTS = ['before', 'after'] as const;
type Moment = (typeof MOMENTS)[number];

/** Has the bus ask the plugins, in their order. */
export function subscribePlugins(
  plugins: readonly LoadedPlugin[],
  bus: LifecycleBus,
  occasion: Occasion,
): void {
  const caller = new Caller(occasion.calls);
  interceptConfig(plugins, bus, caller, occasion);
  for (const moment of MOMENTS) {
    for (const loaded of plugins) {
      for (const [stage, call] of functions(loaded.plugin[moment])) {
        bus.intercept(`${stage}:${moment}`, (question) =>
          caller.await(loaded, moment, ` ${stage}`, (signal) =>
            call(stageContext(question, loaded, occasion, signal)),
          ),
        );
      }
      for (const [stage, call] of functions(loaded.plugin.inContainer?.[moment])) {
        interceptInContainer(bus, loaded, { stage, moment, call }, occasion);
      }
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: of which stage a function is, its key has said.
type AnyFunction = (context: any) => any;

const functions = (part: object | undefined): [stage: string, AnyFunction][] =>
  Object.entries(part ?? {});

function stageContext(
  { spec, ...question }: StageQuestion,
  loaded: LoadedPlugin,
  occasion: Occasion,
  signal: AbortSignal,
): StageContext<StageName> {
  const context: PluginContext = pluginContext(loaded, occasion);
  return Object.assign(context, { ...question, spec: frozenCopy(spec), signal }) as never;
}

function interceptInContainer(
  bus: LifecycleBus,
  { plugin: { name }, options, timeout }: LoadedPlugin,
  { stage, moment, call }: { stage: string; moment: Moment; call: AnyFunction },
  { command }: Occasion,
): void {
  const what = `inContainer.${moment} ${stage}`;
  const about = { command: command === 'exec' ? 'exec' : 'create', options } as const;
  bus.interceptInContainer(`${stage}:${moment}`, {
    plugin: { name, timeout },
    run(ctx) {
      let answer: unknown;
      try {
        answer = atWorkInInit({ plugin: name, what, timeout }, () =>
          call(containerContext(ctx, stage as ContainerStageName, about)),
        );
      } catch (error) {
        throw new PluginError(name, what, error);
      }
      if (typeof answer === 'object' && answer !== null && 'then' in answer) {
        throw new PluginError(name, `${what}: returned a promise, which nothing in init waits for`);
      }
    },
  });
}
