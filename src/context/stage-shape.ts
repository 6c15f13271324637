import type { KernelCalls } from '../init/trampoline/kernel-calls.ts';
import type { OnFailure } from './cleanup.ts';

interface StageBase<Ctx> {
  /** The name of its span and events, and its name in `davit stages` and plugins. */
  readonly name: string;
  /** One line that describes the stage. */
  readonly summary: string;
  /**
   * False when this container does not need the stage. Runtime and init both call it with the same
   * data, and so agree without a message. Absent means always.
   */
  applies?(ctx: Ctx): boolean;
}

/** A step in the runtime's process. `applies` is called with `AppliesCtx`. */
export interface RuntimeStageOf<Ctx, AppliesCtx> extends StageBase<AppliesCtx> {
  readonly side: 'runtime';
  /** Returns the fields that it adds to the context, or a promise of them. */
  run(ctx: Ctx, onFailure: OnFailure): unknown;
  /** It registers with `onFailure` how to undo what it makes. */
  readonly undoable?: true;
  /** Errors have no stage name in front: callers match the text. */
  readonly unprefixed?: true | undefined;
}

/**
 * A step inside init, in the container's namespaces. It is synchronous. What it does disappears
 * with init, so it needs no undo.
 */
export interface ContainerStageOf<Init, AppliesCtx> extends StageBase<AppliesCtx> {
  readonly side: 'container';
  /** The stage itself receives init's turn, from another runtime process than before. */
  readonly takesTurn?: true;
  /** Only a trampoline can run the stage: init becomes one here at the latest. */
  readonly needsTrampoline?: true;
  /** The stage ends in execve(2): init runs no stage after it. */
  readonly execs?: true;
  run(ctx: Init): void;
  /**
   * `run` as plain system calls. A trampoline makes them if all later stages of init have `calls`.
   */
  calls?(ctx: Init): KernelCalls;
}
