import type { HookRun } from '../hooks/hook-run.ts';
import { needsNoJavaScript, walkInTrampoline } from '../init/walk-in-trampoline.ts';
import { monotonicNs } from '../syscalls/time/monotonic.ts';
import type { RuntimeContext, Sharing } from './context.ts';
import type { ContainerStage, Stage } from './stage.ts';

/** A stage that init has run. Times are CLOCK_MONOTONIC nanoseconds. */
export interface RanStage {
  stage: ContainerStage;
  begin: bigint;
  end: bigint;
  error?: unknown;
  hooks: readonly HookRun[];
}

/** Container stages that an init which shares the runtime's memory runs without a pause. */
export class SharedWalk {
  /**
   * The stages that have run. The runtime reports them: init itself writes only what the stages
   * write.
   */
  readonly ran: RanStage[] = [];
  /** The number of stages that are done, including those that do not apply. */
  done = 0;
  readonly #sharing: Sharing;
  readonly #hookRuns: HookRun[];
  readonly #goesOn: (stage: ContainerStage) => boolean;

  /** `goesOn` tells whether a stage after the first may follow without a pause. */
  constructor(
    { sharing, hookRuns }: Pick<RuntimeContext, 'sharing' | 'hookRuns'>,
    goesOn: (stage: ContainerStage) => boolean,
  ) {
    this.#sharing = sharing!;
    this.#hookRuns = hookRuns;
    this.#goesOn = goesOn;
  }

  /** Runs the first of `stages` and the following ones in init. False when init has ended. */
  run(stages: readonly Stage[]): boolean {
    return this.#sharing.init.run(() => {
      for (const stage of stages) {
        if (!this.#sharing.stages.includes(stage)) this.done++;
        else if (stage.side === 'runtime') return;
        else if (this.ran.length > 0 && !this.#goesOn(stage)) return;
        else if (!this.#runStage(stage)) return;
      }
    });
  }

  /** True when init becomes a trampoline at `stage`. */
  leavesAt(stage: ContainerStage): boolean {
    return needsNoJavaScript(this.#sharing.context, this.#from(stage));
  }

  /** False when init must stop: the stage failed, or init has become a trampoline. */
  #runStage(stage: ContainerStage): boolean {
    const { context } = this.#sharing;
    const begin = this.ran.at(-1)?.end ?? monotonicNs();
    try {
      if (this.leavesAt(stage)) {
        walkInTrampoline(context, this.#from(stage));
        return false;
      }
      stage.run(context);
      this.#keep(stage, begin);
      this.done++;
      return true;
    } catch (error) {
      this.#keep(stage, begin, error);
      return false;
    }
  }

  #keep(stage: ContainerStage, begin: bigint, error?: unknown): void {
    this.ran.push({ stage, begin, end: monotonicNs(), error, hooks: this.#hookRuns.splice(0) });
  }

  #from(stage: ContainerStage): readonly Stage[] {
    const { stages } = this.#sharing;
    return stages.slice(stages.indexOf(stage));
  }
}
