import type { Process } from '../../config/types.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { reviveFailure } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { traceHookInRuntime } from '../../hooks/trace-hook.ts';
import { Channel } from '../../init/channel/channel.ts';
import { packetReport } from '../../init/channel/packet-report.ts';
import { killReportedChild } from '../../init/fork/adopt-child.ts';
import { type Forked, fork } from '../../init/fork/fork.ts';
import {
  enterNamespaces,
  forkInto,
  makeNamespaces,
  type NamespacePlan,
} from '../../init/fork/join.ts';
import { runInit, stagesOfInit } from '../../init/init.ts';
import { lostInitMessage, replacementForLostInit } from '../../init/shared/lost-init.ts';
import { mayShare } from '../../init/shared/may-share.ts';
import { SharedInit } from '../../init/shared/shared-init.ts';
import { trampolineFile } from '../../init/trampoline/trampoline-file.ts';
import type { OnFailure } from '../../lifecycle/cleanup.ts';
import type { RuntimeContext, WalkContext } from '../../lifecycle/context.ts';
import type { Stage } from '../../lifecycle/stage.ts';
import { openPrivateProcfs } from '../../rootfs/procfs.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { type ExecFd, execFd } from '../../syscalls/task/exec.ts';
import { waitpid } from '../../syscalls/task/process.ts';

/** What the new process is made with. */
interface ForkRequest {
  plan: NamespacePlan;
  /** The applicable stages that the process walks. */
  stages: readonly Stage[];
  /** The ends of the channel. */
  runtime: Channel;
  init: Channel;
  /** The file for its trampoline. */
  trampoline: number;
  /** To be called at once with the process. */
  made(process: Forked): void;
}

/** Makes the process that walks the container's side of `stages`, connected by a channel. */
export function forkProcess(
  ctx: RuntimeContext,
  onFailure: OnFailure,
  namespaces: NamespacePlan,
  stages: () => readonly Stage[],
): void {
  using forking = new DisposableStack();
  const trampoline = forking.adopt(
    trampolineFile(ctx.stateDir, { unreadable: !ctx.unprivileged }),
    closeFd,
  );
  const [runtime, init] = Channel.pair();
  forking.use(init);
  ctx.channel = ctx.atEnd.use(runtime);
  if (ctx.inherited.fifos) runtime.alsoReceiveFrom(ctx.inherited.fifos.report);
  const plan = { ...namespaces, cgroup: ctx.attachment?.cloneInto };
  const request = {
    ...{ plan, stages: stagesOfInit(ctx, stages()), runtime, init, trampoline },
    made(process: Forked) {
      ctx.init = process;
      // init may be replaced by its child: adoptChild.
      ctx.atEnd.defer(() => closeFd(ctx.init!.pidfd));
      onFailure.defer(() => killForked(ctx));
    },
  };
  if (!mayShare(ctx, plan, request.stages) || !share(ctx, request)) copy(ctx, request);
  ctx.attachment?.attachProcess?.(ctx.init!.pid);
}

/** Makes an init that shares the runtime's memory: the engine runs its stages. False if refused. */
function share(ctx: RuntimeContext, request: ForkRequest): boolean {
  const shared = shareMemory(request);
  if (!shared) return false;
  request.made(shared.forked);
  shared.prepareForLoss(lostInitMessage(ctx), replacementForLostInit(ctx));
  const context = {
    ...initContext(ctx, request, (fd, argv) => shared.exec(fd, argv)),
    traceHook: traceHookInRuntime(ctx, true),
  };
  ctx.sharing = { init: shared, context, stages: request.stages };
  return true;
}

function shareMemory({ plan, runtime, init }: ForkRequest): SharedInit | undefined {
  try {
    return new SharedInit(plan, runtime, init);
  } catch (error) {
    // CLONE_INTO_CGROUP is Linux 5.7.
    if (hasErrno(error, 'E2BIG')) return undefined;
    throw error;
  }
}

/** Forks an init with a copy of the runtime's memory, which walks its stages by itself. */
function copy(ctx: RuntimeContext, request: ForkRequest): void {
  const { plan, runtime, init, stages } = request;
  const walk = (procfs: number) =>
    runInit({ ...initContext(ctx, request, execFd), procfs }, stages);
  request.made(
    plan.childJoins
      ? fork(0, () => enterAndWalk(request, walk), plan)
      : forkInto(plan, () => {
          runtime.close();
          walk(-1);
        }),
  );
  // While the runtime had this end open as well, it would not notice that init is gone.
  init.close();
  // Waits until the process is in its namespaces: that time is part of the fork.
  const message = runtime.receive();
  if (message?.type === 'failure') throw reviveFailure(message.failure);
  if (message?.type !== 'ready') throw new RuntimeError(ENDED_EARLY, WHO_ENDS);
}

/** Walks with a procfs of the process's own pid namespace: the container's does not show it. */
function enterAndWalk({ plan, runtime, init }: ForkRequest, walk: (procfs: number) => never): void {
  runtime.close();
  const begin = String(process.hrtime.bigint());
  let procfs: number;
  try {
    procfs = openPrivateProcfs();
    enterNamespaces(plan);
    if (plan.create || plan.timeOffsets) makeNamespaces(plan);
  } catch (error) {
    const end = String(process.hrtime.bigint());
    init.send({ type: 'failure', stage: 'fork', begin, end, failure: packetReport(error) });
    return;
  }
  walk(procfs);
}

const ENDED_EARLY = 'the new process ended before its first stage';
const WHO_ENDS = 'a signal killed it: of another process of the container, or of the OOM killer';

/** The process of a container without `process`, which waits for ever: `start` refuses it. */
const NONE: Process = { args: [], user: { uid: 0, gid: 0 }, cwd: '/' };

function initContext(
  ctx: RuntimeContext,
  { init, trampoline }: ForkRequest,
  execFd: ExecFd,
): WalkContext {
  return {
    ...ctx,
    process: ctx.spec.process ?? NONE,
    channel: init,
    procfs: -1,
    rootfsFd: -1,
    trampoline,
    terminal: undefined,
    executable: '',
    environment: [],
    execFd,
  };
}

/** Kills what {@link forkProcess} forked and waits for its end. */
function killForked(ctx: RuntimeContext): void {
  const { pid } = ctx.init!;
  process.kill(pid, 'SIGKILL');
  waitpid(pid);
  killReportedChild(ctx);
  ctx.sharing?.init.end();
  ctx.sharing = undefined;
}
