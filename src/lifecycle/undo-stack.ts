import type { OnFailure } from '../context/cleanup.ts';
import type { RuntimeStage } from '../context/stage.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { type FailureReport, reportFailure } from '../errors/stage-error.ts';
import { monotonicNs } from '../syscalls/time/monotonic.ts';
import type { StageEvents } from './stage-events.ts';

/**
 * What a failure undoes, newest first: what the stages so far have made outside of this process,
 * and what they hold. Both are in one order: an undo needs fds, which later stages may have used
 * up.
 */
export class UndoStack {
  readonly #events: StageEvents;
  readonly #undos = new AsyncDisposableStack();
  readonly #failures: string[] = [];

  constructor(events: StageEvents) {
    this.#events = events;
  }

  /** Where a stage registers what it holds. A failure ends that after it has undone the stage. */
  hold(atEnd: DisposableStack): DisposableStack {
    const held = atEnd.use(new DisposableStack());
    this.#undos.defer(() => {
      try {
        held.dispose();
      } catch (error) {
        this.#failures.push(reportFailure(error).message);
      }
    });
    return held;
  }

  /** Where `stage` registers what undoes it. */
  of(stage: RuntimeStage): OnFailure {
    return { defer: (undo) => this.#undos.defer(() => this.#undo(stage, undo)) };
  }

  /** Undoes everything, also after an undo that fails. Returns the error to throw for `cause`. */
  async unwind(cause: unknown): Promise<unknown> {
    await this.#undos.disposeAsync();
    if (this.#failures.length === 0) return cause;
    const { message } = reportFailure(cause);
    const failures = this.#failures.splice(0).join('; ');
    return new RuntimeError(`${message}; then ${failures}`, undefined, { cause });
  }

  async #undo(stage: RuntimeStage, undo: () => void | Promise<void>): Promise<void> {
    const begin = monotonicNs();
    let failure: FailureReport | undefined;
    try {
      await undo();
    } catch (error) {
      failure = reportFailure(error);
      this.#failures.push(`undo ${stage.name}: ${failure.message}`);
    }
    this.#events.undone(stage, begin, monotonicNs(), failure);
  }
}
