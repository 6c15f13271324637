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
import type { LifecycleEvents } from '../lifecycle/events.ts';
import type { ContainerStageName, RuntimeStageName, StageName } from '../lifecycle/stages.ts';
import type { AdjustableField, Adjustments } from './adjust/adjustments.ts';
import type { ContainerContext } from './container-context.ts';
import type { ReadonlyDeep } from './readonly-deep.ts';

export { HOOK_NAMES, type HookName } from '../config/names/hook-names.ts';
export type { LifecycleEvents } from '../lifecycle/events.ts';
export type { ContainerStageName, RuntimeStageName, StageName } from '../lifecycle/stages.ts';
export type { AdjustableField, Adjustments } from './adjust/adjustments.ts';
export type { ContainerContext } from './container-context.ts';
export type { ReadonlyDeep } from './readonly-deep.ts';
export type { ContainerProcessState, Device, Hook, Hooks, Mount, Process, Seccomp, Spec };

/** The stages that `after` can be awaited of: after `exec`, there is nothing left to refuse. */
export type AwaitedStageName = Exclude<StageName, 'exec'>;

/** The stages that code in init can go along with: while it waits for `davit start`, it runs none. */
export type InitStageName = Exclude<ContainerStageName, 'startWait'>;

/** The command that a function is called in the course of. */
export type CommandName = 'create' | 'start' | 'run' | 'exec' | 'delete';

/** What every function of a plugin is told. */
export interface PluginContext<Options = unknown, Notes = Record<string, unknown>> {
  /** The container's id. */
  readonly id: string;
  readonly command: CommandName;
  /** What the configuration file gives the plugin, as its `options` function made it. */
  readonly options: Options;
  /**
   * What the plugin has noted of the container: JSON, `{}` to begin with. It is kept in the container's
   * state when create, start and run are done; exec and delete find it there.
   */
  readonly notes: Partial<Notes>;
  /** Milliseconds since the command began, the start of davit's process included. */
  elapsed(): number;
  /** Writes a warning to davit's log, in the plugin's name. */
  log(message: string): void;
  /**
   * Runs `action` while no other davit does for the same file: flock(2) on `lockFile`, which is
   * made where there is none and stays. Rejects, with code `ETIMEDOUT`, when it cannot be had
   * within a second.
   */
  exclusively<T>(lockFile: string, action: () => T | Promise<T>): Promise<T>;
}

/** What `adjust` and `validate` are told. */
export interface ConfigContext<Options = unknown, Notes = Record<string, unknown>>
  extends PluginContext<Options, Notes> {
  /** Absolute path of the bundle. */
  readonly bundle: string;
  /** Aborted when the plugin's time is up. */
  readonly signal: AbortSignal;
  /** `TRACEPARENT` of the stage's span, and where there are any `TRACESTATE` and `BAGGAGE`. */
  readonly traceEnvironment: Readonly<Record<string, string>>;
}

/** What `before` and `after` are told. */
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
  /** init's on the host; absent before forkInit. */
  readonly pid: number | undefined;
}

type Awaited<Context> = (context: Context) => void | Promise<void>;

/** Anything that cannot be waited for: an async function does not compile. */
// biome-ignore lint/suspicious/noConfusingVoidType: as a whole, void would allow any function.
type Synchronous = void | string | number | boolean | bigint | symbol | null | undefined;

type InInit<Options> = {
  readonly [Stage in InitStageName]?: (context: ContainerContext<Stage, Options>) => Synchronous;
};

/** A plugin: every part but the name is optional, and costs nothing where it is absent. */
export interface Plugin<Options = unknown, Notes = Record<string, unknown>> {
  /** Names it in errors, traces and `davit plugins`: letters, digits and `-._@/`. */
  readonly name: string;
  /**
   * Checks the options of the configuration file, `undefined` where it has none; may throw.
   * `stages` are the names of all stages, in order.
   */
  options?(given: unknown, about: { readonly stages: readonly StageName[] }): Options;
  /** The fields that `adjust` may return; any where this is absent. */
  readonly claims?: readonly AdjustableField[];
  /**
   * Changes the configuration, by what it returns: the configuration itself is frozen. Two plugins
   * that claim one field are an error.
   */
  adjust?(
    spec: ReadonlyDeep<Spec>,
    context: ConfigContext<Options, Notes>,
  ): Adjustments | undefined | Promise<Adjustments | undefined>;
  /** Sees the configuration after all adjustments; throwing refuses the container. */
  validate?(spec: ReadonlyDeep<Spec>, context: ConfigContext<Options, Notes>): void | Promise<void>;
  /** In the runtime, awaited before a stage; throwing vetoes it, and the container is cleaned up. */
  readonly before?: {
    readonly [Stage in StageName]?: Awaited<StageContext<Stage, Options, Notes>>;
  };
  /** In the runtime, awaited after a stage. */
  readonly after?: {
    readonly [Stage in AwaitedStageName]?: Awaited<StageContext<Stage, Options, Notes>>;
  };
  /** Inside init, in the container's namespaces: synchronous functions, before or after a stage. */
  readonly inContainer?: {
    readonly before?: InInit<Options>;
    readonly after?: Omit<InInit<Options>, 'exec'>;
  };
  /** Told of what happens; can neither delay nor break the container. */
  readonly on?: {
    readonly [Event in keyof LifecycleEvents<StageName>]?: (
      event: LifecycleEvents<StageName>[Event],
      context: PluginContext<Options, Notes>,
    ) => unknown;
  };
}

// biome-ignore lint/suspicious/noExplicitAny: each plugin has options and notes of its own.
type AnyPlugin = Plugin<any, any>;

/** A plugin of an embedding program: itself, or with what the configuration file would say of it. */
export type GivenPlugin =
  | AnyPlugin
  | { readonly plugin: AnyPlugin; readonly options?: unknown; readonly timeout?: number };

/** Gives a plugin its types; the value is `plugin` itself. */
export function definePlugin<Options = unknown, Notes = Record<string, unknown>>(
  plugin: Plugin<Options, Notes>,
): Plugin<Options, Notes> {
  return plugin;
}
