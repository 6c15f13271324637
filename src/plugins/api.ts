import type { LifecycleEvents } from '../bus/events.ts';
import type {
  ContainerProcessState,
  Device,
  Hook,
  Hooks,
  Mount,
  Process,
  Seccomp,
  Spec,
} from '../config/types.ts';
import type {
  CommandName,
  ContainerStageName,
  RuntimeStageName,
  StageName,
} from '../lifecycle/stages.ts';
import type { AdjustableField, Adjustments } from './adjust/adjustments.ts';
import type { ContainerContext } from './container-context.ts';
import type { ReadonlyDeep } from './readonly-deep.ts';

export type { LifecycleEvents } from '../bus/events.ts';
export { HOOK_NAMES, type HookName } from '../config/names/hook-names.ts';
export type {
  CommandName,
  ContainerStageName,
  RuntimeStageName,
  StageName,
} from '../lifecycle/stages.ts';
export type { AdjustableField, Adjustments } from './adjust/adjustments.ts';
export type { ContainerContext } from './container-context.ts';
export type { ReadonlyDeep } from './readonly-deep.ts';
export type { ContainerProcessState, Device, Hook, Hooks, Mount, Process, Seccomp, Spec };

/** The stages that have `after`. After `exec` the program runs: there is nothing left to veto. */
export type AwaitedStageName = Exclude<StageName, 'exec'>;

/**
 * The stages that `inContainer` can name. While init waits for `davit start`, it runs no plugins.
 */
export type InitStageName = Exclude<ContainerStageName, 'startWait'>;

/** What every function of a plugin gets. */
export interface PluginContext<Options = unknown, Notes = Record<string, unknown>> {
  /** The container's id. */
  readonly id: string;
  /** The command that calls the function. */
  readonly command: CommandName;
  /** The options of the configuration file, as returned by the plugin's `options` function. */
  readonly options: Options;
  /**
   * The plugin's notes about the container: JSON, `{}` at first. create, start and run save them in
   * the container's state when they end; the other commands read them from there.
   */
  readonly notes: Partial<Notes>;
  /** Milliseconds since the command began, including the start of davit's process. */
  elapsed(): number;
  /** Writes a warning to davit's log, in the plugin's name. */
  log(message: string): void;
  /**
   * Runs `action` while no other davit runs one for the same file: flock(2) on `lockFile`, which is
   * created if missing and never removed. Rejects with code `ETIMEDOUT` when the lock is not free
   * within a second.
   */
  exclusively<T>(lockFile: string, action: () => T | Promise<T>): Promise<T>;
}

/** What `adjust` and `validate` get. */
export interface ConfigContext<Options = unknown, Notes = Record<string, unknown>>
  extends PluginContext<Options, Notes> {
  /** Absolute path of the bundle. */
  readonly bundle: string;
  /** Aborted when the plugin's timeout has passed. */
  readonly signal: AbortSignal;
  /** `TRACEPARENT` of the stage's span, and `TRACESTATE` and `BAGGAGE` if there are any. */
  readonly traceEnvironment: Readonly<Record<string, string>>;
}

/** What `before` and `after` get. */
export interface StageContext<
  Stage extends StageName = StageName,
  Options = unknown,
  Notes = Record<string, unknown>,
> extends ConfigContext<Options, Notes> {
  readonly stage: Stage;
  readonly side: Stage extends RuntimeStageName
    ? 'runtime'
    : Stage extends ContainerStageName
      ? 'container'
      : never;
  /** The configuration in effect. */
  readonly spec: ReadonlyDeep<Spec>;
  /** Absolute path of the rootfs on the host. */
  readonly rootfs: string;
  /** init's pid on the host; absent before forkInit. */
  readonly pid: number | undefined;
}

type Awaited<Context> = (context: Context) => void | Promise<void>;

/** Any type but promises: an async function does not compile. */
// biome-ignore lint/suspicious/noConfusingVoidType: as a whole, void would allow any function.
type Synchronous = void | string | number | boolean | bigint | symbol | null | undefined;

type InInit<Options> = {
  readonly [Stage in InitStageName]?: (context: ContainerContext<Stage, Options>) => Synchronous;
};

/** A plugin. Every part but the name is optional and costs nothing when absent. */
export interface Plugin<Options = unknown, Notes = Record<string, unknown>> {
  /** The plugin's name in errors, traces and `davit plugins`: letters, digits and `-._@/`. */
  readonly name: string;
  /**
   * Checks the options of the configuration file, `undefined` if there are none. May throw.
   * `stages` are the names of all stages, in order.
   */
  options?(given: unknown, about: { readonly stages: readonly StageName[] }): Options;
  /** The fields that `adjust` may return. Default: any. */
  readonly claims?: readonly AdjustableField[];
  /**
   * Returns changes to the configuration, which is frozen itself. It is an error when two plugins
   * claim one field.
   */
  adjust?(
    spec: ReadonlyDeep<Spec>,
    context: ConfigContext<Options, Notes>,
  ): Adjustments | undefined | Promise<Adjustments | undefined>;
  /** Checks the configuration after all adjustments. Throwing refuses the container. */
  validate?(spec: ReadonlyDeep<Spec>, context: ConfigContext<Options, Notes>): void | Promise<void>;
  /**
   * Awaited in the runtime before a stage. Throwing vetoes the stage, and the container is cleaned
   * up.
   */
  readonly before?: {
    readonly [Stage in StageName]?: Awaited<StageContext<Stage, Options, Notes>>;
  };
  /** Awaited in the runtime after a stage. */
  readonly after?: {
    readonly [Stage in AwaitedStageName]?: Awaited<StageContext<Stage, Options, Notes>>;
  };
  /**
   * Synchronous functions, called inside init, in the container's namespaces, before or after a
   * stage.
   */
  readonly inContainer?: {
    readonly before?: InInit<Options>;
    readonly after?: Omit<InInit<Options>, 'exec'>;
  };
  /** Listeners of events. They can neither delay nor break the container. */
  readonly on?: {
    readonly [Event in keyof LifecycleEvents<StageName>]?: (
      event: LifecycleEvents<StageName>[Event],
      context: PluginContext<Options, Notes>,
    ) => unknown;
  };
}

// biome-ignore lint/suspicious/noExplicitAny: each plugin has options and notes of its own.
type AnyPlugin = Plugin<any, any>;

/**
 * A plugin of an embedding program: alone, or with what a configuration file would say about it.
 */
export type GivenPlugin =
  | AnyPlugin
  | { readonly plugin: AnyPlugin; readonly options?: unknown; readonly timeout?: number };

/** Gives a plugin its types. Returns `plugin` itself. */
export function definePlugin<Options = unknown, Notes = Record<string, unknown>>(
  plugin: Plugin<Options, Notes>,
): Plugin<Options, Notes> {
  return plugin;
}
