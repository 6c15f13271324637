import type { CommandContext, JudgedLaunch, RuntimeContext, WalkContext } from './context.ts';
import type { ContainerStageOf, RuntimeStageOf } from './stage-shape.ts';

/** A named step of a container's life: one entry of stages.ts. */
export type Stage<Ctx extends CommandContext = RuntimeContext> = RuntimeStage<Ctx> | ContainerStage;

export type RuntimeStage<Ctx = RuntimeContext> = RuntimeStageOf<
  Ctx,
  RuntimeContext extends Ctx ? JudgedLaunch : Ctx
>;

export type ContainerStage = ContainerStageOf<WalkContext, JudgedLaunch>;

type RuntimeParts<Ctx> = Partial<Pick<RuntimeStage<Ctx>, 'applies' | 'unprefixed'>>;

/** Makes an entry of stages.ts for the runtime's side. */
export const runtime = <Name extends string>(
  name: Name,
  summary: string,
  run: (ctx: RuntimeContext) => void | Promise<void>,
  more: RuntimeParts<RuntimeContext> = {},
) => ({ name, summary, side: 'runtime' as const, run, ...more });

/** As runtime, for a stage that makes something which a later failure must undo: cleanup.ts. */
export const undoable = <Name extends string>(
  name: Name,
  summary: string,
  run: RuntimeStage['run'],
  more: RuntimeParts<RuntimeContext> = {},
) => ({ name, summary, side: 'runtime' as const, run, undoable: true as const, ...more });

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
