import type { RuntimeContext } from '../lifecycle/context.ts';
import type {
  CallsByStage,
  Extensions,
  InitCall,
  PluginNotes,
  StageCall,
} from '../lifecycle/extensions.ts';
import type { ContainerStageName, StageName } from '../lifecycle/stages.ts';
import { adjusting } from './adjusting.ts';
import type { CommandName, PluginContext, StageContext } from './api.ts';
import { atWorkInInit } from './at-work.ts';
import { Caller } from './caller.ts';
import { exclusively } from './exclusively.ts';
import { containerContext } from './in-container.ts';
import type { LoadedPlugin } from './loaded.ts';
import { PluginError } from './plugin-error.ts';
import { frozenCopy } from './readonly-deep.ts';

/** The command that plugins take part in. */
export interface Occasion {
  id: string;
  command: CommandName;
  /** CLOCK_MONOTONIC nanoseconds. */
  start: bigint;
  notes: PluginNotes;
  warn(message: string): void;
}

/** What the plugins add to a command, in their order. */
export function extend(plugins: readonly LoadedPlugin[], occasion: Occasion): Extensions {
  const caller = new Caller();
  const inRuntime = (moment: 'before' | 'after') =>
    byStage(
      plugins,
      ({ plugin }) => plugin[moment],
      (loaded, call): StageCall => ({
        run: (stage, ctx) =>
          caller.await(loaded, moment, ` ${stage.name}`, (signal) =>
            call({
              ...stageContext(ctx, loaded, occasion, signal),
              stage: stage.name,
              side: stage.side,
            }),
          ),
      }),
    );
  const inContainer = (moment: 'before' | 'after') =>
    byStage(
      plugins,
      ({ plugin }) => plugin.inContainer?.[moment],
      (loaded, call) => initCall(loaded, moment, call, occasion.command),
    );
  return {
    notes: occasion.notes,
    calls: caller.calls,
    adjust: adjusting(plugins, caller, occasion),
    inRuntime: { before: inRuntime('before'), after: inRuntime('after') },
    inContainer: { before: inContainer('before'), after: inContainer('after') },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: of which stage a function is, its key has said.
type AnyCall = (context: any) => any;

function byStage<Call>(
  plugins: readonly LoadedPlugin[],
  part: (loaded: LoadedPlugin) => object | undefined,
  make: (loaded: LoadedPlugin, call: AnyCall) => Call,
): CallsByStage<Call> {
  const calls = new Map<string, Call[]>();
  for (const loaded of plugins) {
    for (const [stage, call] of Object.entries(part(loaded) ?? {})) {
      const made = make(loaded, call as AnyCall);
      calls.set(stage, [...(calls.get(stage) ?? []), made]);
    }
  }
  return calls;
}

function stageContext(
  ctx: RuntimeContext,
  loaded: LoadedPlugin,
  occasion: Occasion,
  signal: AbortSignal,
): Omit<StageContext<StageName>, 'stage' | 'side'> {
  return {
    ...pluginContext(loaded, occasion),
    bundle: ctx.bundle,
    rootfs: ctx.rootfs,
    spec: frozenCopy(ctx.spec),
    pid: (ctx.init?.pid ?? ctx.record.initPid) || undefined,
    traceEnvironment: ctx.stageTraceEnvironment(),
    signal,
  };
}

/** What every function of the plugin is told. */
export function pluginContext(
  { plugin: { name }, options }: LoadedPlugin,
  { id, command, start, notes, warn }: Occasion,
): PluginContext {
  return {
    ...{ id, command, options, exclusively },
    get notes() {
      notes[name] ??= {};
      return notes[name];
    },
    elapsed: () => Number(process.hrtime.bigint() - start) / 1e6,
    log: (message) => warn(`plugin ${name}: ${message}`),
  };
}

function initCall(
  { plugin, options, timeout }: LoadedPlugin,
  moment: string,
  call: AnyCall,
  command: CommandName,
): InitCall {
  const { name } = plugin;
  return {
    plugin: name,
    timeout,
    run(stage, ctx) {
      const what = `inContainer.${moment} ${stage}`;
      let answer: unknown;
      try {
        const whose = command === 'exec' ? 'exec' : 'create';
        const context = { command: whose, options } as const;
        answer = atWorkInInit({ plugin: name, what, timeout }, () =>
          call(containerContext(ctx, stage as ContainerStageName, context)),
        );
      } catch (error) {
        throw new PluginError(name, what, error);
      }
      if (typeof answer === 'object' && answer !== null && 'then' in answer) {
        throw new PluginError(name, `${what}: returned a promise, which nothing in init waits for`);
      }
    },
  };
}
