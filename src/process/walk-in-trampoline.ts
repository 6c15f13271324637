import { constants } from 'node:os';
import type { InitContext, Launch } from '../lifecycle/context.ts';
import type { ContainerStage, Stage } from '../lifecycle/stage.ts';
import { MSG_TRUNC } from '../syscalls/socket.ts';
import type { Message } from './channel/protocol.ts';
import { becomeTrampoline } from './trampoline/become-trampoline.ts';
import type { TrampolineCall } from './trampoline/build-trampoline.ts';
import type { KernelCalls } from './trampoline/kernel-calls.ts';

const { EPIPE } = constants.errno;

/** True when what is left of the stages are system calls, and nobody wants a say in between. */
export function needsNoJavaScript(ctx: Launch, stages: readonly Stage[]): boolean {
  return stages.every(
    (stage) => stage.side === 'runtime' || (stage.calls && !isExtended(ctx, stage)),
  );
}

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
  const calls: TrampolineCall[] = [];
  const keep: number[] = [];
  const { fd } = ctx.channel;
  let begin: string | undefined = String(process.hrtime.bigint());
  let myTurn = true;
  for (const stage of stages) {
    if (stage.side === 'runtime') {
      if (myTurn) calls.push(packet(fd, { type: 'turn' }));
      myTurn = false;
      continue;
    }
    if (!myTurn && !stage.takesTurn) calls.push(awaitTurn(fd));
    myTurn = true;
    // What is said after `davit start` has said its turn need not be heard: the program runs.
    if (stage.takesTurn) begin = undefined;
    const say = (message: Message) => packet(fd, message, begin === undefined);
    const own = ownCalls(ctx, stage);
    if (ctx.bus.announces(stage.name) && !stage.takesTurn) {
      calls.push(say({ type: 'before', stage: stage.name }));
    }
    if (stage.execs) {
      calls.push(say({ type: 'exec', stage: stage.name }));
      becomeTrampoline(ctx, { calls, keep }, own);
      return;
    }
    keep.push(...own.keep);
    calls.push(...own.calls, say({ type: 'stage', stage: stage.name, ...(begin && { begin }) }));
  }
  throw new Error('no stage executes the program');
}

function ownCalls(ctx: InitContext, stage: ContainerStage): KernelCalls {
  if (stage.calls) return stage.calls(ctx);
  throw new Error(`${stage.name} needs JavaScript`);
}

function packet(fd: number, message: Message, mayBeLost = false): TrampolineCall {
  const bytes = Buffer.from(JSON.stringify(message));
  const write: TrampolineCall = { syscall: 'write', arguments: [fd, { bytes }, bytes.length] };
  return mayBeLost ? { ...write, tolerated: EPIPE } : write;
}

/** Of a packet that there is no room for, the length is returned; 0 is the connection's end, and init's. */
const awaitTurn = (fd: number): TrampolineCall => ({
  syscall: 'recvfrom',
  arguments: [fd, 0, 0, MSG_TRUNC, 0, 0],
  whenZero: 'exit',
});
