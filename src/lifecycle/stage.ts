import type { KernelCalls } from '../init/trampoline/kernel-calls.ts';
import type { CommandContext, InitContext, Launch, RuntimeContext } from './context.ts';

/** A named step of a container's life: one entry of stages.ts. */
export type Stage<Ctx extends CommandContext = RuntimeContext> = RuntimeStage<Ctx> | ContainerStage;

interface StageBase<Ctx> {
  /** Span name, event name, and what `davit stages` and plugins call it. */
  readonly name: string;
  /** One line for a reader. */
  readonly summary: string;
  /**
   * False when this container has no use for the stage. Both sides ask, of the same data, and so
   * agree without a message; absent means always.
   */
  applies?(ctx: Ctx): boolean;
}

/** A step in the runtime's process. */
export interface RuntimeStage<Ctx = RuntimeContext>
  extends StageBase<RuntimeContext extends Ctx ? Launch : Ctx> {
  readonly side: 'runtime';
  run(ctx: Ctx): void | Promise<void>;
  /** Takes back what `run` did, when a later stage fails. */
  undo?(ctx: Ctx): void | Promise<void>;
  /** Failures are told without the stage's name: callers match the words of a refusal. */
  readonly unprefixed?: true | undefined;
}

/**
 * A step inside init, in the container's namespaces: synchronous. What it does vanishes with init,
 * so it has nothing to undo.
 */
export interface ContainerStage extends StageBase<Launch> {
  readonly side: 'container';
  /** The stage receives init's turn itself, from another runtime than the one before. */
  readonly takesTurn?: true;
  /** Only a trampoline can do it: at the latest here init becomes one. */
  readonly needsTrampoline?: true;
  /** The stage ends in execve(2): what follows it is not init's. */
  readonly execs?: true;
  run(ctx: InitContext): void;
  /**
   * What `run` does as system calls alone, for a trampoline to make when no later stage of init's
   * needs more than that either.
   */
  calls?(ctx: InitContext): KernelCalls;
}

type RuntimeParts<Ctx> = Partial<Pick<RuntimeStage<Ctx>, 'applies' | 'undo' | 'unprefixed'>>;

/** An entry of stages.ts, on the runtime's side. */
export const runtime = <Name extends string>(
  name: Name,
  summary: string,
  run: RuntimeStage['run'],
  more: RuntimeParts<RuntimeContext> = {},
) => ({ name, summary, side: 'runtime' as const, run, ...more });

/** The same of a command that makes no process. Its failures are told in the words that callers match. */
export const request = <Name extends string, Ctx extends CommandContext>(
  name: Name,
  summary: string,
  run: (ctx: Ctx) => void | Promise<void>,
) => ({ name, summary, side: 'runtime' as const, run, unprefixed: true as const });

type ContainerParts = Partial<
  Pick<ContainerStage, 'applies' | 'takesTurn' | 'needsTrampoline' | 'execs' | 'calls'>
>;

/** One on the container's. */
export const container = <Name extends string>(
  name: Name,
  summary: string,
  run: ContainerStage['run'],
  more: ContainerParts = {},
) => ({ name, summary, side: 'container' as const, run, ...more });
