import { constants } from 'node:os';
import { LifecycleBus } from '../../bus/bus.ts';
import type { ContainerHookName } from '../../bus/questions.ts';
import { attachBesideInit } from '../../cgroups/exec/cgroup-of-init.ts';
import { joinsNamespace } from '../../config/has-namespace.ts';
import type { Hook, Process } from '../../config/types.ts';
import type { AppliesContext } from '../../context/applies-context.ts';
import type { ForkedContext, PreparedContext, RuntimeContext } from '../../context/context.ts';
import { StageError } from '../../errors/stage-error.ts';
import { openHookOutput } from '../../hooks/hook-output.ts';
import { HookPipes } from '../../hooks/hook-pipes.ts';
import { attendHook, type HookInput, type HookProgram, programOf } from '../../hooks/run-hook.ts';
import { type HookCall, hookCalls } from '../../hooks/run-hooks.ts';
import { beginHook } from '../../hooks/trace-hook.ts';
import { pidInside } from '../../process/proc-status.ts';
import { identify } from '../../state/init-process.ts';
import { syscallError } from '../../syscalls/ffi/libc.ts';

const { errno: errnos } = constants;

/** True where a child of init would not be in the container's pid namespace: init itself is not. */
export const hooksMissPidNamespace = ({ spec }: AppliesContext): boolean =>
  joinsNamespace(spec.linux, 'pid');

/** Runs the stages of `exec`. */
type Walk = (ctx: PreparedContext) => Promise<ForkedContext>;

/**
 * The stage function that runs hooks in the container's namespaces. Each hook is started by a
 * trampoline, as a process of `exec` is. A hook may be a program of the container, with its
 * capabilities: no process that it can see may run a file of the host.
 */
export const containerHooks =
  (kind: ContainerHookName, walk: Walk) =>
  async (ctx: RuntimeContext): Promise<void> => {
    const { id, bundle, spec, record, expectedChild } = ctx;
    const initPid = ctx.init?.pid ?? record.initPid;
    // init's pid in its own pid namespace; before its birth there, the pid of its parent.
    const pid = expectedChild ? initPid : pidInside(initPid);
    const subject = {
      id,
      bundle,
      spec,
      pid,
      status: expectedChild ? 'creating' : 'created',
    } as const;
    const run = async (inherited: readonly string[]): Promise<void> => {
      using output = openHookOutput(spec, bundle);
      const progress = ctx.startProgress;
      for (const call of hookCalls(kind, subject, { inherited, output, progress })) {
        await runTraced(ctx, call, (hook, input) =>
          runInside(hook, input, (stdio) =>
            launch({ ctx, kind, stdio, initPid }, programOf(hook, input), walk),
          ),
        );
      }
    };
    await ctx.bus.ask(kind, { ...subject, run });
  };

async function runTraced(
  tracing: RuntimeContext,
  { name, hook, input, failure }: HookCall,
  run: (hook: Hook, input: HookInput) => Promise<void>,
): Promise<void> {
  const { environment, done } = beginHook(tracing, name, hook.path);
  try {
    await run(hook, input(environment));
    done();
  } catch (error) {
    done(error);
    throw failure(error);
  }
}

/** Starts a hook with pipes for its stdio, and waits for its end. */
async function runInside(
  hook: Hook,
  input: HookInput,
  start: (stdio: readonly number[]) => Promise<number>,
): Promise<void> {
  using pipes = new HookPipes(input.output);
  const pid = await start(pipes.stdio);
  pipes.closeStdio();
  attendHook(hook, pid, pipes, input);
}

/** Starts the program by the stages of `exec`; returns its pid. */
async function launch(hook: HookProcess, program: HookProgram, walk: Walk): Promise<number> {
  using atEnd = new DisposableStack();
  const ctx = hookContext(hook, program, atEnd);
  try {
    const { init } = await walk(ctx);
    return init.pid;
  } catch (error) {
    throw ofProgram(error, program.path) ?? error;
  }
}

/** The error that posix_spawn(3) would give for a program that cannot be executed. */
function ofProgram(error: unknown, path: string): Error | undefined {
  if (!(error instanceof StageError) || !['findProgram', 'exec'].includes(error.stage)) return;
  const errno = Object.entries(errnos).find(([name]) => name === error.code)?.[1];
  return errno === undefined ? undefined : syscallError(errno, 'posix_spawn', `exec ${path}`);
}

/** What a hook's process is made from. */
interface HookProcess {
  ctx: RuntimeContext;
  kind: ContainerHookName;
  stdio: readonly number[];
  initPid: number;
}

function hookContext(
  { ctx, kind, stdio, initPid }: HookProcess,
  { path, argv, env }: HookProgram,
  atEnd: DisposableStack,
): PreparedContext {
  const { spec, rootfs, options } = ctx;
  const linux = { namespaces: spec.linux?.namespaces ?? [] };
  const asInit = kind === 'createContainer';
  const program = asInit ? { ...AS_INIT, cwd: rootfs } : { ...spec.process!, terminal: false };
  const process: Process = { ...program, args: [...argv], env: [...env] };
  const { hooks: _, ...others } = spec;
  const record = { ...ctx.record, ...identify(initPid) };
  return {
    ...ctx,
    bus: new LifecycleBus(),
    spec: asInit ? { ...others, linux, annotations: {}, process } : { ...others, process },
    program: path,
    stdio,
    record,
    atEnd,
    attachment: atEnd.use(attachBesideInit(record, spec.linux, ctx.callerEnvironment)),
    options: { noPivot: false, noNewKeyring: options.noNewKeyring, preserveFds: 0 },
    listenFds: 0,
    traceEnvironment: {},
    inherited: { notify: -1, console: -1, pidfd: -1 },
    ...NO_PROCESS,
    detached: false,
    released: false,
    hookRuns: [],
    mountRuns: [],
    pluginCalls: [],
  };
}

/** The hook's process is not made yet. */
const NO_PROCESS = { init: undefined, channel: undefined, sharing: undefined };

/** The user that init is while it makes the container. */
const AS_INIT = { user: { uid: 0, gid: 0 } };
