import type { FailureReport } from '../errors/stage-error.ts';
import type { HookRun } from '../process/hooks/trace-hook.ts';
import type { PluginCall } from './extensions.ts';
import type { Stage } from './stage.ts';

/** One run of a stage. Times are CLOCK_MONOTONIC nanoseconds. */
export interface StageRun {
  stage: Stage;
  begin: bigint;
  end: bigint;
  failure?: FailureReport | undefined;
  /** What plugins did in the course of it. */
  calls?: readonly PluginCall[] | undefined;
  /** The hooks that it ran. */
  hooks?: readonly HookRun[] | undefined;
}

/** Who is told of stages: the trace recorder, the event bus, the debug log. None may throw. */
export interface Observer {
  before(stage: Stage): void;
  after(run: StageRun): void;
  /** What a stage did has been taken back, or not: `failure`. Told of when a later one has failed. */
  undone?(run: StageRun): void;
  /** False while being told changes nothing outside this process's memory, and so can wait a little. */
  acts(): boolean;
}

/** Awaited before a stage runs; throwing vetoes it. */
export type Interceptor = (stage: Stage) => Promise<void>;

/** What the engine consults about the stages it runs. */
export interface Watch {
  observers: readonly Observer[];
  interceptors: ReadonlyMap<string, readonly Interceptor[]>;
}
