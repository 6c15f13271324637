import { constants } from 'node:os';
import type { JudgedLaunch, WalkContext } from '../lifecycle/context.ts';
import type { ContainerStage, Stage } from '../lifecycle/stage.ts';
import type { Message } from './channel/protocol.ts';
import { awaitPacket } from './trampoline/await-packet.ts';
import { becomeTrampoline, NO_CALL_NUMBER, reportFdOf } from './trampoline/become-trampoline.ts';
import type { TrampolineCall } from './trampoline/build-trampoline.ts';
import type { KernelCalls } from './trampoline/kernel-calls.ts';

const { EPIPE } = constants.errno;

/** True when the remaining stages are system calls alone, and no subscriber takes part in one. */
export function needsNoJavaScript(ctx: JudgedLaunch, stages: readonly Stage[]): boolean {
  return stages.every(
    (stage) => stage.side === 'runtime' || (stage.calls && !isExtended(ctx, stage)),
  );
}

/** True where init waits for `start` as a trampoline. `stages` are those that init walks. */
export const startsInTrampoline = (ctx: JudgedLaunch, stages: readonly Stage[]): boolean =>
  needsNoJavaScript(
    ctx,
    stages.slice(stages.findIndex((stage) => stage.side === 'container' && stage.takesTurn)),
  );

const isExtended = ({ bus }: JudgedLaunch, { name }: Stage): boolean =>
  (['before', 'after'] as const).some((moment) => {
    const question = `${name}:${moment}` as const;
    return bus.isAsked(question) || bus.inContainer(question).length > 0;
  });

/**
 * Has a trampoline walk the remaining stages. All of them apply, it is init's turn at the first,
 * and the last executes the program. So a program of a few pages waits for `davit start`, and none
 * of Node's pages are charged to the container. Returns, in the runtime, where init shared its
 * memory.
 */
export function walkInTrampoline(ctx: WalkContext, stages: readonly Stage[]): void {
  const walk = new TrampolineWalk(ctx, stages);
  let myTurn = true;
  for (const stage of stages) {
    if (stage.side === 'runtime') {
      if (myTurn) walk.passTurn();
      myTurn = false;
      continue;
    }
    if (!myTurn && !stage.takesTurn) walk.awaitTurn();
    myTurn = true;
    walk.run(stage);
  }
  becomeTrampoline(ctx, walk);
}

/** The calls of a trampoline, stage by stage. */
class TrampolineWalk {
  readonly calls: TrampolineCall[] = [];
  /** In reports, the number of the next call that describeExecFailure knows. */
  execIndex = 0;
  readonly #ctx: WalkContext;
  readonly #own: ReadonlyMap<Stage, KernelCalls>;
  readonly #prepared = new Set<Stage>();
  #begin: string | undefined = String(process.hrtime.bigint());

  constructor(ctx: WalkContext, stages: readonly Stage[]) {
    this.#ctx = ctx;
    const container = stages.filter((stage) => stage.side === 'container');
    this.#own = new Map(container.map((stage) => [stage, ownCalls(ctx, stage)]));
  }

  get keptFds(): number[] {
    return [...this.#own.values()].flatMap(({ keptFds }) => keptFds);
  }

  passTurn(): void {
    this.#say({ type: 'turn' });
  }

  awaitTurn(): void {
    this.#push([awaitPacket(this.#ctx.channel.fd, 'exit')]);
  }

  run(stage: ContainerStage): void {
    // After `davit start` has given the turn, reports may go unread: the program runs all the same.
    if (stage.takesTurn) this.#begin = undefined;
    const { name } = stage;
    const { calls, dropsRights, hasReportNumbers } = this.#own.get(stage)!;
    this.#begins(stage);
    if (stage.execs) this.#say({ type: 'exec', stage: name });
    this.#prepare(stage);
    if (dropsRights) for (const later of this.#own.keys()) this.#prepare(later);
    this.#push(calls, hasReportNumbers);
    if (!stage.execs) this.#ended(name);
  }

  /** Announces the stage where it has listeners; waits for consent where it is intercepted. */
  #begins({ name, takesTurn }: ContainerStage): void {
    if (takesTurn) return;
    const asks = this.#asks(`${name}:before`);
    if (asks || this.#ctx.bus.hasPromptListenerBefore(name))
      this.#say({ type: 'before', stage: name, asks });
    if (asks) this.awaitTurn();
  }

  #ended(stage: string): void {
    const asks = this.#asks(`${stage}:after`);
    const begin = this.#begin;
    this.#say({ type: 'stage', stage, ...(begin && { begin }), ...(asks && { asks }) });
    if (asks) this.awaitTurn();
  }

  /** False after `start`: only the runtime that made init is asked. */
  #asks(question: `${string}:${'before' | 'after'}`): boolean {
    return this.#begin !== undefined && this.#ctx.bus.isAsked(question);
  }

  /** Adds `prepare` of a stage; before that of a confining stage, `prepare` of the later ones. */
  #prepare(stage: Stage): void {
    if (this.#prepared.has(stage)) return;
    this.#prepared.add(stage);
    const { prepare = [], dropsRights, hasReportNumbers } = this.#own.get(stage)!;
    if (dropsRights) for (const later of this.#own.keys()) this.#prepare(later);
    this.#push(prepare, hasReportNumbers && 'execs' in stage);
  }

  #push(calls: readonly TrampolineCall[], described = false): void {
    for (const call of calls) {
      this.calls.push({ index: described ? this.execIndex++ : NO_CALL_NUMBER, ...call });
    }
  }

  #say(message: Message): void {
    const bytes = Buffer.from(JSON.stringify(message));
    const started = this.#begin === undefined;
    const fd = started ? reportFdOf(this.#ctx) : this.#ctx.channel.fd;
    const write: TrampolineCall = { syscall: 'write', arguments: [fd, { bytes }, bytes.length] };
    this.#push([started ? { ...write, tolerated: EPIPE } : write]);
  }
}

function ownCalls(ctx: WalkContext, stage: ContainerStage): KernelCalls {
  if (stage.calls) return stage.calls(ctx);
  throw new Error(`${stage.name} needs JavaScript`);
}
