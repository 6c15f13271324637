import { constants } from 'node:os';
import type { WalkContext } from '../../context/context.ts';
import type { ContainerStage, Stage } from '../../context/stage.ts';
import type { WalkMessage } from '../channel/protocol.ts';
import { toPacket } from '../channel/wire.ts';
import { type Transport, Walk } from '../walk.ts';
import { awaitPacket } from './await-packet.ts';
import { type CompiledWalk, NO_CALL_NUMBER, reportFdOf } from './become-trampoline.ts';
import type { TrampolineCall } from './build-trampoline.ts';
import type { KernelCalls } from './kernel-calls.ts';

const { EPIPE } = constants.errno;

/**
 * The walk of the remaining stages as system calls. It is init's turn at the first, which began at
 * `begin`, and the last executes the program. So a program of a few pages waits for `davit start`,
 * and none of Node's pages are charged to the container.
 */
export function compileWalk(
  ctx: WalkContext,
  stages: readonly Stage[],
  begin: bigint,
): CompiledWalk {
  const compiler = new WalkCompiler(ctx, stages);
  for (const { tell } of new Walk(stages, ctx.bus, compiler).exchanges(begin)) {
    if (tell) compiler.tell(tell);
    else compiler.awaitPacket();
  }
  return compiler;
}

/** Collects the calls of a trampoline, stage by stage. */
class WalkCompiler implements Transport, CompiledWalk {
  readonly calls: TrampolineCall[] = [];
  /** In reports, the number of the next call that describeExecFailure knows. */
  execIndex = 0;
  readonly #ctx: WalkContext;
  readonly #own: ReadonlyMap<Stage, KernelCalls>;
  readonly #prepared = new Set<Stage>();
  #started = false;

  constructor(ctx: WalkContext, stages: readonly Stage[]) {
    this.#ctx = ctx;
    const container = stages.filter((stage) => stage.side === 'container');
    this.#own = new Map(container.map((stage) => [stage, ownCalls(ctx, stage)]));
  }

  get keptFds(): number[] {
    return [...this.#own.values()].flatMap(({ keptFds }) => keptFds);
  }

  run(stage: ContainerStage): void {
    if (stage.takesTurn) this.#started = true;
    const { calls, dropsRights, hasReportNumbers } = this.#own.get(stage)!;
    this.#prepare(stage);
    if (dropsRights) for (const later of this.#own.keys()) this.#prepare(later);
    this.#push(calls, hasReportNumbers);
  }

  /**
   * After `davit start` has given the turn, reports may go unread: the program runs all the same.
   */
  tell(message: WalkMessage): void {
    const bytes = toPacket(message);
    const fd = this.#started ? reportFdOf(this.#ctx) : this.#ctx.channel.fd;
    const write: TrampolineCall = {
      syscall: 'write',
      arguments: [{ fd }, { bytes }, bytes.length],
    };
    this.#push([this.#started ? { ...write, tolerated: EPIPE } : write]);
  }

  awaitPacket(): void {
    this.#push([awaitPacket(this.#ctx.channel, 'exit')]);
  }

  /**
   * Adds the `prepare` calls of a stage. If the stage drops rights, those of all later stages come
   * first.
   */
  #prepare(stage: Stage): void {
    if (this.#prepared.has(stage)) return;
    this.#prepared.add(stage);
    const { prepare = [], dropsRights, hasReportNumbers } = this.#own.get(stage)!;
    if (dropsRights) for (const later of this.#own.keys()) this.#prepare(later);
    this.#push(prepare, hasReportNumbers && 'execs' in stage);
  }

  #push(calls: readonly TrampolineCall[], hasReportNumbers = false): void {
    for (const call of calls) {
      this.calls.push({ index: hasReportNumbers ? this.execIndex++ : NO_CALL_NUMBER, ...call });
    }
  }
}

function ownCalls(ctx: WalkContext, stage: ContainerStage): KernelCalls {
  if (stage.calls) return stage.calls(ctx);
  throw new Error(`${stage.name} needs JavaScript`);
}
