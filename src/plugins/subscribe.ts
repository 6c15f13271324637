import type { LifecycleBus } from '../bus/bus.ts';
import { isThenable } from '../bus/is-thenable.ts';
import { ASKED_PHASES, type AskedPhase, type StageQuestion } from '../bus/questions.ts';
import type { ContainerStageName, StageName } from '../lifecycle/stages.ts';
import type { PluginContext, StageContext } from './api.ts';
import { containerContext } from './call/in-container.ts';
import { PluginCaller } from './call/plugin-caller.ts';
import { pluginContext } from './call/plugin-context.ts';
import { PluginError } from './call/plugin-error.ts';
import type { PluginSession } from './call/plugin-session.ts';
import { runInInit } from './call/watched.ts';
import { interceptConfig } from './intercept-config.ts';
import type { LoadedPlugin } from './load/loaded-plugin.ts';
import { frozenCopy } from './readonly-deep.ts';

/** Subscribes the plugins' functions to the bus, in the plugins' order. */
export function subscribePlugins(
  plugins: readonly LoadedPlugin[],
  bus: LifecycleBus,
  session: PluginSession,
): void {
  const caller = new PluginCaller(session.calls);
  interceptConfig(plugins, bus, caller, session);
  for (const phase of ASKED_PHASES) {
    for (const loaded of plugins) {
      for (const [stage, call] of functions(loaded.plugin[phase])) {
        bus.intercept(`${stage}:${phase}`, (question) =>
          caller.await(loaded, phase, ` ${stage}`, (signal) =>
            call(stageContext(question, loaded, session, signal)),
          ),
        );
      }
      for (const [stage, call] of functions(loaded.plugin.inContainer?.[phase])) {
        interceptInContainer(bus, loaded, { stage, phase, call }, session);
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
  session: PluginSession,
  signal: AbortSignal,
): StageContext<StageName> {
  const context: PluginContext = pluginContext(loaded, session);
  return Object.assign(context, { ...question, spec: frozenCopy(spec), signal }) as never;
}

function interceptInContainer(
  bus: LifecycleBus,
  { plugin: { name }, options, timeout }: LoadedPlugin,
  { stage, phase, call }: { stage: string; phase: AskedPhase; call: AnyFunction },
  { command }: PluginSession,
): void {
  const what = `inContainer.${phase} ${stage}`;
  const about = { command: command === 'exec' ? 'exec' : 'create', options } as const;
  bus.interceptInContainer(`${stage}:${phase}`, {
    plugin: { name, timeout },
    run(ctx) {
      let answer: unknown;
      try {
        answer = runInInit({ plugin: name, what, timeout }, () =>
          call(containerContext(ctx, stage as ContainerStageName, about)),
        );
      } catch (error) {
        throw new PluginError(name, what, error);
      }
      if (isThenable(answer)) {
        throw new PluginError(name, `${what}: returned a promise, which nothing in init waits for`);
      }
    },
  });
}
