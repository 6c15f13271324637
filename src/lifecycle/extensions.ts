import type { InitContext, RuntimeContext } from './context.ts';
import type { Stage } from './stage.ts';

/** Before or after a stage. */
export type Moment = 'before' | 'after';

/** Awaited before or after a stage, in the runtime; throwing fails the stage. */
export interface StageCall {
  run(stage: Stage, ctx: RuntimeContext): Promise<void>;
}

/** Called before or after a stage inside init: synchronous. Throwing fails the stage. */
export interface InitCall {
  readonly plugin: string;
  /** Milliseconds after which the runtime gives init up. */
  readonly timeout: number;
  run(stage: string, ctx: InitContext): void;
}

/** Calls by stage name. */
export type CallsByStage<Call> = ReadonlyMap<string, readonly Call[]>;

/** What plugins add to the life of a container; init inherits it through the fork. */
export interface Extensions {
  /** Gives `ctx.spec` the plugins' adjustments and has them look at it; absent when none wants to. */
  readonly adjust?: ((ctx: RuntimeContext) => Promise<void>) | undefined;
  /** What plugins note of the container, by plugin; its record keeps it. */
  readonly notes: PluginNotes;
  /** What the running stage's calls took so far: taken out when the stage ends. */
  readonly calls: PluginCall[];
  readonly inRuntime: Readonly<Record<Moment, CallsByStage<StageCall>>>;
  readonly inContainer: Readonly<Record<Moment, CallsByStage<InitCall>>>;
}

/** A JSON object a plugin. */
export type PluginNotes = Record<string, Record<string, unknown>>;

/** What a plugin took, for the trace. Times are CLOCK_MONOTONIC nanoseconds. */
export interface PluginCall {
  plugin: string;
  /** `before`, `after`, `adjust`, `inContainer.before` … */
  call: string;
  begin: bigint;
  end: bigint;
  error?: unknown;
}
