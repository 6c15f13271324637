import { constants } from 'node:os';
import { LifecycleBus } from '../../bus/bus.ts';
import type { ContainerHookName } from '../../bus/questions.ts';
import type { CgroupAttachment } from '../../cgroups/cgroup.ts';
import { attachBesideInit } from '../../cgroups/exec/cgroup-of-init.ts';
import { joinsNamespace } from '../../config/has-namespace.ts';
import type { Hook, Process } from '../../config/types.ts';
import type { AppliesContext } from '../../context/applies-context.ts';
import type { ForkedContext, PreparedContext, RuntimeContext } from '../../context/context.ts';
import { StageError } from '../../errors/stage-error.ts';
import { beginHookInRuntime } from '../../hooks/begin-hook.ts';
import { type HookProgram, programOf } from '../../hooks/hook-calls.ts';
import { openHookOutput } from '../../hooks/hook-output.ts';
import { runHook, runHooks } from '../../hooks/run-hooks.ts';
import type { Forked } from '../../init/fork/fork.ts';
import { pidInside } from '../../process/proc-status.ts';
import { identify } from '../../state/init-process.ts';
import { syscallError } from '../../syscalls/ffi/libc.ts';
import { tryPidfdOpen } from '../../syscalls/task/pidfd.ts';

const { errno: errnos } = constants;

/**
 * True where init cannot run hooks: it is not in the container's pid namespace itself, or its
 * helper would keep a server from its other work.
 */
export const hooksNeedRuntime = ({ spec, initParent }: AppliesContext): boolean =>
  joinsNamespace(spec.linux, 'pid') || initParent.remote !== undefined;

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
    const { id, bundle, spec, record, expectedChild, initParent, startProgress: progress } = ctx;
    const initPid = ctx.init?.pid ?? record.initPid;
    // init's pid in its own pid namespace; before its birth there, the pid of its parent.
    const pid = expectedChild ? initPid : pidInside(initPid);
    const status = kind === 'createContainer' ? 'creating' : 'created';
    if (status === 'creating') await ctx.joinBeforeHooks?.();
    const subject = { id, bundle, spec, pid, status } as const;
    const run = async (inherited: readonly string[]): Promise<void> => {
      using output = openHookOutput(spec, bundle);
      const environment = { inherited, output, progress, begin: beginHookInRuntime(ctx) };
      await runHooks(kind, subject, environment, (hook, input) =>
        runHook(hook, input, initParent, (stdio) =>
          launch({ ctx, kind, hook, stdio, initPid }, programOf(hook, input), walk),
        ),
      );
    };
    await ctx.bus.ask(kind, { ...subject, run });
  };

/** Starts the program by the stages of `exec`. */
async function launch(made: HookProcess, program: HookProgram, walk: Walk): Promise<Forked> {
  using atEnd = new DisposableStack();
  const ctx = hookContext(made, program, atEnd);
  try {
    const {
      init: { pid },
    } = await walk(ctx);
    return { pid, pidfd: tryPidfdOpen(pid) };
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
  hook: Hook;
  stdio: readonly number[];
  initPid: number;
}

function hookContext(
  { ctx, kind, hook, stdio, initPid }: HookProcess,
  { path, argv, env }: HookProgram,
  atEnd: DisposableStack,
): PreparedContext {
  const { spec, rootfs, options } = ctx;
  const linux = { namespaces: spec.linux?.namespaces ?? [] };
  const asInit = kind === 'createContainer';
  const program = asInit
    ? { user: userOfInit(ctx), cwd: rootfs }
    : { ...spec.process!, terminal: false };
  const process: Process = { ...program, args: [...argv], env: [...env] };
  const { hooks: _, ...others } = spec;
  const record = { ...ctx.record, ...identify(initPid) };
  const caller = { environment: ctx.callerEnvironment, eventLoop: ctx.eventLoop };
  const cgroup = atEnd.use(attachBesideInit(record, spec.linux, caller));
  return {
    ...ctx,
    bus: new LifecycleBus(),
    spec: asInit ? { ...others, linux, annotations: {}, process } : { ...others, process },
    program: path,
    // Without an environment of its own, a startContainer hook gets the program's: HOME, too.
    exactEnvironment: asInit || hook.env !== undefined,
    stdio,
    record,
    atEnd,
    attachment: asInit ? cgroup && withoutCharging(cgroup) : cgroup,
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

/** The user that init is while it makes the container, with the caller's umask. */
const userOfInit = ({ initParent: { remote } }: RuntimeContext): Process['user'] => ({
  uid: 0,
  gid: 0,
  umask: remote?.umask ?? process.umask(),
});

/** Nothing of the setup is charged to the container. */
const withoutCharging = (attachment: CgroupAttachment): CgroupAttachment => ({
  ...attachment,
  chargingJoinFds: [],
  join: ({ charging } = { charging: 'now' }) => {
    if (charging !== 'only') attachment.join({ charging: 'later' });
  },
});
