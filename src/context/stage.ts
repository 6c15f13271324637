import type { AppliesContext } from './applies-context.ts';
import type { OnFailure } from './cleanup.ts';
import type { CommandContext, CreatedContext, WalkContext } from './context.ts';
import type { ContainerStageOf, RuntimeStageOf } from './stage-shape.ts';

/** A named step of a container's life: one entry of stages.ts. */
export type Stage<Ctx extends CommandContext = CreatedContext> = RuntimeStage<Ctx> | ContainerStage;

export type RuntimeStage<Ctx = CreatedContext> = RuntimeStageOf<
  Ctx,
  CreatedContext extends Ctx ? AppliesContext : Ctx
>;

export type ContainerStage = ContainerStageOf<WalkContext, AppliesContext>;

type RunOf = (ctx: never) => unknown;
type UndoableRun = (ctx: never, onFailure: OnFailure) => unknown;
type RuntimeParts = Partial<Pick<RuntimeStage, 'applies' | 'unprefixed'>>;

/**
 * Makes an entry of stages.ts for the runtime's side. The type of `run` says which fields of the
 * context the stage needs, and which it adds.
 */
export const runtime = <Name extends string, Run extends RunOf>(
  name: Name,
  summary: string,
  run: Run,
  more: RuntimeParts = {},
) => ({ name, summary, side: 'runtime' as const, run, ...more });

/** As runtime, for a stage that makes something which a later failure must undo: cleanup.ts. */
export const undoable = <Name extends string, Run extends UndoableRun>(
  name: Name,
  summary: string,
  run: Run,
  more: RuntimeParts = {},
) => ({ name, summary, side: 'runtime' as const, run, undoable: true as const, ...more });

/**
 * Makes an entry of stages.ts for a command that makes no process. Its errors have no stage name in
 * front.
 */
export const request = <Name extends string, Run extends RunOf>(
  name: Name,
  summary: string,
  run: Run,
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
