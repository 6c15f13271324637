import { constants } from 'node:os';
import type { InitContext, Launch } from '../lifecycle/context.ts';
import type { ContainerStage, Stage } from '../lifecycle/stage.ts';
import type { Message } from './channel/protocol.ts';
import { awaitPacket } from './trampoline/await-packet.ts';
import { becomeTrampoline, reportFdOf, UNDESCRIBED } from './trampoline/become-trampoline.ts';
import type { TrampolineCall } from './trampoline/build-trampoline.ts';
import type { KernelCalls } from './trampoline/kernel-calls.ts';

const { EPIPE } = constants.errno;

/** True when what is left of the stages are system calls, and nobody wants a say in between. */
export function needsNoJavaScript(ctx: Launch, stages: readonly Stage[]): boolean {
  return stages.every(
    (stage) => stage.side === 'runtime' || (stage.calls && !isExtended(ctx, stage)),
  );
}

/** True where init is a trampoline while it waits for its start. `stages` are those that it walks. */
export const startsInTrampoline = (ctx: Launch, stages: readonly Stage[]): boolean =>
  needsNoJavaScript(
    ctx,
    stages.slice(stages.findIndex((stage) => stage.side === 'container' && stage.takesTurn)),
  );

const isExtended = ({ bus }: Launch, { name }: Stage): boolean =>
  (['before', 'after'] as const).some((moment) => {
    const question = `${name}:${moment}` as const;
    return bus.isAsked(question) || bus.inContainer(question).length > 0;
  });

/**
 * Has a trampoline walk the rest of the stages, all of which apply, the first of which it is init's
 * turn to run, and the last of which executes the program. What waits for `davit start` is then a
 * program of a few pages, and none of Node's are charged to the container. Returns, in the runtime,
 * where init shared its memory.
 */
export function walkInTrampoline(ctx: InitContext, stages: readonly Stage[]): void {
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
  /** What reports call the next call that describeExecFailure knows. */
  execIndex = 0;
  readonly #ctx: InitContext;
  readonly #own: ReadonlyMap<Stage, KernelCalls>;
  readonly #prepared = new Set<Stage>();
  #begin: string | undefined = String(process.hrtime.bigint());

  constructor(ctx: InitContext, stages: readonly Stage[]) {
    this.#ctx = ctx;
    const container = stages.filter((stage) => stage.side === 'container');
    this.#own = new Map(container.map((stage) => [stage, ownCalls(ctx, stage)]));
  }

  get keep(): number[] {
    return [...this.#own.values()].flatMap(({ keep }) => keep);
  }

  passTurn(): void {
    this.#say({ type: 'turn' });
  }

  awaitTurn(): void {
    this.#push([awaitPacket(this.#ctx.channel.fd, 'exit')]);
  }

  run(stage: ContainerStage): void {
    // What is said after `davit start` has said its turn need not be heard: the program runs.
    if (stage.takesTurn) this.#begin = undefined;
    const { name } = stage;
    const { calls, confine, described } = this.#own.get(stage)!;
    this.#begins(stage);
    if (stage.execs) this.#say({ type: 'exec', stage: name });
    this.#prepare(stage);
    if (confine) for (const later of this.#own.keys()) this.#prepare(later);
    this.#push(calls, described);
    if (!stage.execs) this.#ended(name);
  }

  /** Says so, and waits for consent, where somebody wants to have that. */
  #begins({ name, takesTurn }: ContainerStage): void {
    if (takesTurn) return;
    const asks = this.#asks(`${name}:before`);
    if (asks || this.#ctx.bus.announces(name)) this.#say({ type: 'before', stage: name, asks });
    if (asks) this.awaitTurn();
  }

  #ended(stage: string): void {
    const asks = this.#asks(`${stage}:after`);
    const begin = this.#begin;
    this.#say({ type: 'stage', stage, ...(begin && { begin }), ...(asks && { asks }) });
    if (asks) this.awaitTurn();
  }

  /** Before its start, when the runtime that is asked is that which made it. */
  #asks(question: `${string}:${'before' | 'after'}`): boolean {
    return this.#begin !== undefined && this.#ctx.bus.isAsked(question);
  }

  /** What stages after a confining one prepare comes before what that one does. */
  #prepare(stage: Stage): void {
    if (this.#prepared.has(stage)) return;
    this.#prepared.add(stage);
    const { prepare = [], confine, described } = this.#own.get(stage)!;
    if (confine) for (const later of this.#own.keys()) this.#prepare(later);
    this.#push(prepare, described && 'execs' in stage);
  }

  #push(calls: readonly TrampolineCall[], described = false): void {
    for (const call of calls) {
      this.calls.push({ index: described ? this.execIndex++ : UNDESCRIBED, ...call });
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

function ownCalls(ctx: InitContext, stage: ContainerStage): KernelCalls {
  if (stage.calls) return stage.calls(ctx);
  throw new Error(`${stage.name} needs JavaScript`);
}
