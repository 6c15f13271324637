import type { KernelCalls } from '../init/trampoline/kernel-calls.ts';
import type { CommandContext, InitContext, Launch, RuntimeContext } from './context.ts';

/** A named step of a container's life: one entry of stages.ts. */
export type Stage<Ctx extends CommandContext = RuntimeContext> = RuntimeStage<Ctx> | ContainerStage;

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

/** A step in the runtime's process. */
export interface RuntimeStage<Ctx = RuntimeContext>
  extends StageBase<RuntimeContext extends Ctx ? Launch : Ctx> {
  readonly side: 'runtime';
  run(ctx: Ctx): void | Promise<void>;
  /** Undoes `run` when a later stage fails. */
  undo?(ctx: Ctx): void | Promise<void>;
  /** Errors have no stage name in front: callers match the text. */
  readonly unprefixed?: true | undefined;
}

/**
 * A step inside init, in the container's namespaces. It is synchronous. What it does disappears
 * with init, so it needs no undo.
 */
export interface ContainerStage extends StageBase<Launch> {
  readonly side: 'container';
  /** The stage itself receives init's turn, from another runtime process than before. */
  readonly takesTurn?: true;
  /** Only a trampoline can run the stage: init becomes one here at the latest. */
  readonly needsTrampoline?: true;
  /** The stage ends in execve(2): init runs no stage after it. */
  readonly execs?: true;
  run(ctx: InitContext): void;
  /**
   * `run` as plain system calls, which a trampoline makes if all later stages of init have `calls`
   * too.
   */
  calls?(ctx: InitContext): KernelCalls;
}

type RuntimeParts<Ctx> = Partial<Pick<RuntimeStage<Ctx>, 'applies' | 'undo' | 'unprefixed'>>;

/** Makes an entry of stages.ts for the runtime's side. */
export const runtime = <Name extends string>(
  name: Name,
  summary: string,
  run: RuntimeStage['run'],
  more: RuntimeParts<RuntimeContext> = {},
) => ({ name, summary, side: 'runtime' as const, run, ...more });

/**
 * Makes an entry of stages.ts for a command that makes no process. Its errors have no stage name in
 * front.
 */
export const request = <Name extends string, Ctx extends CommandContext>(
  name: Name,
  summary: string,
  run: (ctx: Ctx) => void | Promise<void>,
) => ({ name, summary, side: 'runtime' as const, run, unprefixed: true as const });

type ContainerParts = Partial<
  Pick<ContainerStage, 'applies' | 'takesTurn' | 'needsTrampoline' | 'execs' | 'calls'>
>;

/** Makes an entry of stages.ts for the container's side. */
export const container = <Name extends string>(
  name: Name,
  summary: string,
  run: ContainerStage['run'],
  more: ContainerParts = {},
) => ({ name, summary, side: 'container' as const, run, ...more });
