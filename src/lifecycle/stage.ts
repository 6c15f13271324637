import type { KernelCalls } from '../process/trampoline/kernel-calls.ts';
import type { InitContext, Launch, RuntimeContext } from './context.ts';

/** A named step of a container's life: one entry of stages.ts. */
export type Stage = RuntimeStage | ContainerStage;

interface StageBase {
  /** Span name, event name, and what `davit stages` and plugins call it. */
  readonly name: string;
  /** One line for a reader. */
  readonly summary: string;
  /**
   * False when this container has no use for the stage. Both sides ask, of the same data, and so
   * agree without a message; absent means always.
   */
  applies?(launch: Launch): boolean;
}

/** A step in the runtime's process. */
export interface RuntimeStage extends StageBase {
  readonly side: 'runtime';
  run(ctx: RuntimeContext): void | Promise<void>;
  /** Takes back what `run` did, when a later stage fails. */
  undo?(ctx: RuntimeContext): void | Promise<void>;
}

/**
 * A step inside init, in the container's namespaces: synchronous. What it does vanishes with init,
 * so it has nothing to undo.
 */
export interface ContainerStage extends StageBase {
  readonly side: 'container';
  /** The stage receives init's turn itself, from another runtime than the one before. */
  readonly takesTurn?: true;
  /** The stage ends in execve(2): what follows it is not init's. */
  readonly execs?: true;
  run(ctx: InitContext): void;
  /**
   * What `run` does as system calls alone, for a trampoline to make when no later stage of init's
   * needs more than that either.
   */
  calls?(ctx: InitContext): KernelCalls;
}

type RuntimeParts = Partial<Pick<RuntimeStage, 'applies' | 'undo'>>;

/** An entry of stages.ts, on the runtime's side. */
export const runtime = <Name extends string>(
  name: Name,
  summary: string,
  run: RuntimeStage['run'],
  more: RuntimeParts = {},
) => ({ name, summary, side: 'runtime' as const, run, ...more });

type ContainerParts = Partial<Pick<ContainerStage, 'applies' | 'takesTurn' | 'execs' | 'calls'>>;

/** One on the container's. */
export const container = <Name extends string>(
  name: Name,
  summary: string,
  run: ContainerStage['run'],
  more: ContainerParts = {},
) => ({ name, summary, side: 'container' as const, run, ...more });
