import { readdirSync, readFileSync, writeSync } from 'node:fs';
import { LifecycleBus } from '../../../src/bus/bus.ts';
import { joinsNamespace } from '../../../src/config/has-namespace.ts';
import type { AppliesContext } from '../../../src/context/applies-context.ts';
import type { OnFailure } from '../../../src/context/cleanup.ts';
import type { RuntimeContext, WalkContext } from '../../../src/context/context.ts';
import type { ContainerStage, Stage } from '../../../src/context/stage.ts';
import type { TrampolineCall } from '../../../src/init/trampoline/build-trampoline.ts';
import type { KernelCalls } from '../../../src/init/trampoline/kernel-calls.ts';
import {
  createStages,
  execStages,
  programStages,
  startStages,
} from '../../../src/lifecycle/stages.ts';
import type { LaunchRequest } from '../../../src/operations/launch/launch.ts';
import { create } from '../../../src/operations/life/create.ts';
import { deleteContainer } from '../../../src/operations/life/delete.ts';
import { exec } from '../../../src/operations/life/exec.ts';
import { run } from '../../../src/operations/life/run.ts';
import { start } from '../../../src/operations/life/start.ts';
import { exitNow } from '../../../src/syscalls/task/process.ts';
import { whatIsLeft } from '../../support/run/leftovers.ts';
import { waitFor } from '../../support/wait-for.ts';

/*
 * A program that embeds davit. It makes every stage of a command (argument 1) fail in three ways,
 * and prints each outcome as a line of JSON. Argument 2 is the request.
 *
 * - `vetoed`: an interceptor throws before the stage.
 * - `failed`: the stage does its work and then fails. The stage is replaced in the list, which init
 * inherits.
 * - `ended`: init exits at once without a message. Not tried in init's last stage, where an exit
 * looks like success, nor if argument 3 says that init shares this program's memory: the program
 * would exit as well.
 */

export interface Outcome {
  stage: string;
  side: 'runtime' | 'container';
  way: Way;
  /** The message of the error that the operation threw; undefined if it succeeded. */
  message: string | undefined;
  /** Cgroups, mounts, processes, and the state directory if there must be none. */
  left: string[];
  /** File descriptors that the operation opened and did not close. */
  fds: string[];
  children: string;
}

type Way = 'vetoed' | 'failed' | 'ended';

const WAYS: Way[] = ['vetoed', 'failed', 'ended'];
const [command, json, shared] = process.argv.slice(2) as [string, string, string?];
const request = { ...(JSON.parse(json) as LaunchRequest), environment: process.env };
const { root, id, environment } = request;
const container = { root, id, environment };
const SILENT = { session: {} };

const all = (list: readonly unknown[]): readonly Stage[] => list as readonly Stage[];
const lists: Record<string, readonly Stage[]> = {
  create: createStages,
  start: all(startStages),
  // The stages before these are tried with `create`.
  run: [createStages.at(-1)!, ...programStages],
  exec: all(execStages),
};

/** The operation of each command that must fail. */
const attempts: Record<string, (bus: LifecycleBus) => Promise<unknown>> = {
  create: (bus) => create({ ...request, session: { bus } }),
  run: (bus) => run({ ...request, detach: true, keep: false, noSubreaper: true, session: { bus } }),
  start: (bus) => start({ ...container, session: { bus } }),
  exec: (bus) => exec({ ...execRequest(), session: { bus } }),
};

function execRequest(): Parameters<typeof exec>[0] {
  return {
    ...{ ...container, args: ['/bin/true'], env: [], tty: false, additionalGids: [], caps: [] },
    ...{ detach: true, preserveFds: 0, cgroup: [], ignorePaused: false },
    pidFile: `${request.bundle}/exec.pid`,
  };
}

const openFds = (): string[] => readdirSync('/proc/self/fd');
const children = (): string =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim();

async function main(): Promise<void> {
  // From here on, fds that are opened once and kept are open, such as the fork's memory map.
  await create({
    ...request,
    session: { bus: new LifecycleBus().intercept('exec:before', () => {}) },
  });
  await deleteContainer({ ...container, force: true });
  if (command === 'exec') {
    await create({ ...request, ...SILENT });
    await start({ ...container, ...SILENT });
  }
  for (const stage of new Set(lists[command])) {
    // The stage works only if the rest of the list runs in a trampoline.
    if ('needsTrampoline' in stage && command !== 'exec' && !joinsPidNamespace()) continue;
    for (const way of WAYS) {
      if (way === 'ended' && (shared || stage.side === 'runtime' || 'execs' in stage)) continue;
      const outcome = await attempt(stage, way);
      writeSync(1, `${JSON.stringify(outcome)}\n`);
    }
  }
  if (command === 'exec') await deleteContainer({ ...container, force: true });
}

function joinsPidNamespace(): boolean {
  const config = JSON.parse(readFileSync(`${request.bundle}/config.json`, 'utf8'));
  return joinsNamespace(config.linux, 'pid');
}

async function attempt(stage: Stage, way: Way): Promise<Outcome> {
  const kept = { ...stage };
  const vetoes = new LifecycleBus();
  if (way === 'vetoed') {
    vetoes.intercept(`${stage.name}:before`, () => {
      throw new Error('vetoed');
    });
  }
  breakStage(stage, way);
  // init inherits the list and the interceptors from the command that forks it.
  if (command === 'start') {
    const bus = stage.side === 'container' ? vetoes : new LifecycleBus();
    await create({ ...request, session: { bus } });
  }
  const before = {
    fds: new Set(openFds()),
    children: children(),
    // What the existing container has.
    left: command === 'start' || command === 'exec' ? whatIsLeft(id) : [],
  };
  let message: string | undefined;
  try {
    await attempts[command]!(vetoes);
  } catch (error) {
    message = (error as Error).message;
  }
  Object.assign(stage, kept);
  const left = await leftSoon(before.left);
  const outcome: Outcome = {
    ...{ stage: stage.name, side: stage.side, way, message, left },
    fds: openFds().filter((fd) => !before.fds.has(fd)),
    children: children() === before.children ? '' : children(),
  };
  // Clean up before the next attempt, whatever this one left.
  if (command !== 'exec') await deleteContainer({ ...container, force: true });
  return outcome;
}

/** Replaces the stage's function. A stage that does not apply only fails. */
function breakStage(stage: Stage, way: Way): void {
  const { applies, run: work } = { ...stage };
  const works = (ctx: AppliesContext): boolean => (applies?.(ctx) ?? true) && !('execs' in stage);
  const fail = (): never => {
    throw new Error('made to fail');
  };
  const inRuntime = async (ctx: RuntimeContext, onFailure: OnFailure): Promise<void> => {
    if (works(ctx)) await work(ctx as never, onFailure);
    fail();
  };
  const inInit = (ctx: WalkContext): void => {
    if (way === 'ended') exitNow(1);
    if (works(ctx)) (work as ContainerStage['run'])(ctx);
    fail();
  };
  if (stage.side === 'container' && stage.calls && onlyInTrampoline(stage)) {
    Object.assign(stage, { calls: brokenCalls(stage.calls, way) });
    return;
  }
  const broken = stage.side === 'runtime' ? inRuntime : inInit;
  Object.assign(stage as { run: unknown }, {
    applies: () => true,
    run: broken,
    calls: undefined,
  });
}

/**
 * Stages that exec's process runs in the trampoline, after its birth in the container's pid
 * namespace.
 */
const onlyInTrampoline = ({ needsTrampoline, execs }: ContainerStage): boolean =>
  needsTrampoline === true || (command === 'exec' && execs === true);

/** The stage's own calls, and then one that fails with EBADF or ends init. */
function brokenCalls(calls: NonNullable<ContainerStage['calls']>, way: Way) {
  const last = way === 'failed' ? CLOSE_NOTHING : END;
  return (ctx: WalkContext): KernelCalls => {
    const own = calls(ctx);
    return way === 'vetoed' ? own : { ...own, calls: [...own.calls, last] };
  };
}

// close, because describeExecFailure would take other calls for execve.
const CLOSE_NOTHING: TrampolineCall = { syscall: 'close', arguments: [-1], index: -1 };
const END: TrampolineCall = { syscall: 'exit_group', arguments: [1] };

/** A killed process may take a moment to be gone. */
async function leftSoon(before: string[]): Promise<string[]> {
  let left: string[] = [];
  const isClean = () => {
    left = whatIsLeft(id).filter((line) => !before.includes(line));
    return left.length === 0;
  };
  await waitFor(isClean, 200).catch(() => {});
  return left;
}

await main();
