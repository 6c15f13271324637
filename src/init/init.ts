import type { JudgedLaunch, WalkContext } from '../lifecycle/context.ts';
import type { ContainerStage, Stage } from '../lifecycle/stage.ts';
import { exitNow, setsid } from '../syscalls/task/process.ts';
import { monotonicNs } from '../syscalls/time/monotonic.ts';
import { packetReport } from './channel/packet-report.ts';
import { needsNoJavaScript, walkInTrampoline } from './walk-in-trampoline.ts';

/** Walks the stages as init: runs container stages, passes the turn at runtime ones. No return. */
export function runInit(ctx: WalkContext, stages: readonly Stage[]): never {
  // Leaves the caller's session, so that the container does not have the caller's terminal.
  setsid();
  ctx.channel.send({ type: 'ready' });
  let myTurn = false;
  // When the stage before ended: its report counts as time of the next stage.
  let ended: bigint | undefined;
  for (const [i, stage] of stages.entries()) {
    if (stage.side === 'runtime') {
      if (myTurn) ctx.channel.send({ type: 'turn' });
      myTurn = false;
      ended = undefined;
      continue;
    }
    if (!myTurn && !stage.takesTurn) awaitMessage(ctx, 'turn');
    myTurn = true;
    const rest = stages.slice(i);
    if (stage.needsTrampoline) callPluginsOf(ctx, rest);
    if (stage.needsTrampoline || needsNoJavaScript(ctx, rest)) {
      attempt(ctx, stage, () => walkInTrampoline(ctx, rest));
    }
    ended = runStage(ctx, stage, ended ?? monotonicNs());
  }
  exitNow(0);
}

/** The applicable stages, up to the execution of the program: all that init walks. */
export function stagesOfInit(ctx: JudgedLaunch, stages: readonly Stage[]): readonly Stage[] {
  const applicable = stages.filter((stage) => !stage.applies || stage.applies(ctx));
  return applicable.slice(0, applicable.findIndex((stage) => 'execs' in stage) + 1);
}

/** Runs a stage and reports it; returns the time of its end. */
function runStage(ctx: WalkContext, stage: ContainerStage, since: bigint): bigint {
  let begin = since;
  announce(ctx, stage);
  attempt(ctx, stage, () => {
    callPlugins(ctx, stage, 'before');
    if (stage.execs) {
      ctx.channel.send({ type: 'exec', stage: stage.name, begin: String(begin) });
    }
    stage.run(ctx);
    callPlugins(ctx, stage, 'after');
  });
  // The wait for `davit start` does not count: the stage begins when `start` arrives.
  if (stage.takesTurn) begin = monotonicNs();
  const end = monotonicNs();
  const asks = ctx.bus.isAsked(`${stage.name}:after`);
  ctx.channel.send({
    type: 'stage',
    stage: stage.name,
    begin: String(begin),
    end: String(end),
    ...(asks && { asks }),
  });
  if (asks) awaitMessage(ctx, 'proceed');
  return end;
}

/** Calls the plugins' functions of all remaining stages now: a trampoline cannot run them. */
function callPluginsOf(ctx: WalkContext, stages: readonly Stage[]): void {
  for (const stage of stages) {
    if (stage.side === 'runtime') continue;
    attempt(ctx, stage, () => {
      callPlugins(ctx, stage, 'before');
      if (!stage.execs) callPlugins(ctx, stage, 'after');
    });
  }
}

/** Announces each call to the runtime, which alone can end a function that does not return. */
function callPlugins(ctx: WalkContext, { name }: Stage, moment: 'before' | 'after'): void {
  for (const { plugin, run } of ctx.bus.inContainer(`${name}:${moment}`)) {
    const call = `inContainer.${moment}`;
    if (plugin) {
      const { name, timeout } = plugin;
      ctx.channel.send({ type: 'call', plugin: name, call, timeout, begin: String(monotonicNs()) });
    }
    run(ctx);
    if (plugin) ctx.channel.send({ type: 'called', end: String(monotonicNs()) });
  }
}

function attempt(ctx: WalkContext, stage: ContainerStage, action: () => void): void {
  const begin = monotonicNs();
  try {
    action();
  } catch (error) {
    fail(ctx, stage, begin, error);
  }
}

function announce(ctx: WalkContext, stage: ContainerStage): void {
  const asks = ctx.bus.isAsked(`${stage.name}:before`);
  if (!asks && !ctx.bus.hasPromptListenerBefore(stage.name)) return;
  if (stage.takesTurn) return;
  ctx.channel.send({ type: 'before', stage: stage.name, asks });
  if (asks) awaitMessage(ctx, 'proceed');
}

function awaitMessage(ctx: WalkContext, type: 'turn' | 'proceed'): void {
  if (ctx.channel.receive()?.type !== type) exitNow(1);
}

function fail(ctx: WalkContext, stage: ContainerStage, begin: bigint, error: unknown): never {
  ctx.channel.send({
    type: 'failure',
    stage: stage.name,
    begin: String(begin),
    end: String(monotonicNs()),
    failure: packetReport(error),
  });
  exitNow(1);
}
