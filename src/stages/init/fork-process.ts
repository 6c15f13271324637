import type { Process } from '../../config/types.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { reviveFailure } from '../../errors/stage-error.ts';
import { failedWith } from '../../errors/syscall-error.ts';
import { traceHookHere } from '../../hooks/trace-hook.ts';
import { Channel } from '../../init/channel/channel.ts';
import { packetReport } from '../../init/channel/packet-report.ts';
import { endUnadopted } from '../../init/fork/adopt-child.ts';
import { fork } from '../../init/fork/fork.ts';
import {
  enterNamespaces,
  forkInto,
  makeNamespaces,
  type NamespacePlan,
} from '../../init/fork/join.ts';
import { initsStages, runInit } from '../../init/init.ts';
import { lastWords, successorOf } from '../../init/shared/lost-init.ts';
import { mayShare } from '../../init/shared/may-share.ts';
import { SharedInit } from '../../init/shared/shared-init.ts';
import { trampolineFile } from '../../init/trampoline/trampoline-file.ts';
import type { InitContext, RuntimeContext } from '../../lifecycle/context.ts';
import type { Stage } from '../../lifecycle/stage.ts';
import { openPrivateProcfs } from '../../rootfs/procfs.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { type ExecFd, execFd } from '../../syscalls/task/exec.ts';
import { waitpid } from '../../syscalls/task/process.ts';

/** What the process to be made is given. */
interface Outfit {
  plan: NamespacePlan;
  /** Those that apply. */
  stages: readonly Stage[];
  /** The ends of the channel. */
  runtime: Channel;
  init: Channel;
  /** The file for its trampoline. */
  trampoline: number;
}

/** Makes the process that goes through `stages` on the container's side, connected by a channel. */
export function forkProcess(
  ctx: RuntimeContext,
  namespaces: NamespacePlan,
  stages: () => readonly Stage[],
): void {
  const trampoline = trampolineFile(ctx.stateDir, { secret: !ctx.unprivileged });
  const [runtime, init] = Channel.pair();
  if (ctx.inherited.fifos) runtime.hearAside(ctx.inherited.fifos.report);
  const plan = { ...namespaces, cgroup: ctx.attachment?.cloneInto };
  const outfit = { plan, stages: initsStages(ctx, stages()), runtime, init, trampoline };
  try {
    if (!mayShare(ctx, plan, outfit.stages) || !share(ctx, outfit)) copy(ctx, outfit);
    ctx.channel = runtime;
    ctx.attachment?.bring?.(ctx.init!.pid);
  } finally {
    closeFd(trampoline);
    init.close();
    if (!ctx.channel) runtime.close();
  }
}

/** An init that has the runtime's memory: the engine has it run its stages. False where the kernel cannot. */
function share(ctx: RuntimeContext, outfit: Outfit): boolean {
  const shared = shareMemory(outfit);
  if (!shared) return false;
  ctx.init = shared.forked;
  shared.prepareForLoss(lastWords(ctx), successorOf(ctx));
  const context = {
    ...initContext(ctx, outfit, (fd, argv) => shared.exec(fd, argv)),
    traceHook: traceHookHere(ctx, true),
  };
  ctx.sharing = { init: shared, context, stages: outfit.stages };
  return true;
}

function shareMemory({ plan, runtime, init }: Outfit): SharedInit | undefined {
  try {
    return new SharedInit(plan, runtime, init);
  } catch (error) {
    // CLONE_INTO_CGROUP is Linux 5.7.
    if (failedWith(error, 'E2BIG')) return undefined;
    throw error;
  }
}

/** An init with a copy of it, which walks its stages by itself. */
function copy(ctx: RuntimeContext, outfit: Outfit): void {
  const { plan, runtime, init, stages } = outfit;
  const walk = (procfs: number) => runInit({ ...initContext(ctx, outfit, execFd), procfs }, stages);
  ctx.init = plan.entersItself
    ? fork(0, () => enterAndWalk(outfit, walk), plan)
    : forkInto(plan, () => {
        runtime.close();
        walk(-1);
      });
  // With this end open here, too, its end would not be heard.
  init.close();
  // A process that has only begun is no init yet: how long it takes is part of the fork.
  const message = runtime.receive();
  if (message?.type === 'failure') throw reviveFailure(message.failure);
  if (message?.type !== 'ready') throw new RuntimeError(ENDED_EARLY, WHO_ENDS);
}

/** With a procfs of the pid namespace that the process stays in: the container's does not show it. */
function enterAndWalk({ plan, runtime, init }: Outfit, walk: (procfs: number) => never): void {
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

/** What a container without a process waits as, for good: `start` refuses it. */
const NONE: Process = { args: [], user: { uid: 0, gid: 0 }, cwd: '/' };

function initContext(
  ctx: RuntimeContext,
  { init, trampoline }: Outfit,
  execFd: ExecFd,
): InitContext {
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
export function killForked(ctx: RuntimeContext): void {
  if (ctx.init) {
    process.kill(ctx.init.pid, 'SIGKILL');
    waitpid(ctx.init.pid);
    endUnadopted(ctx);
  }
  ctx.channel?.close();
  if (!ctx.init) return;
  ctx.sharing?.init.end();
  ctx.sharing = undefined;
  closeFd(ctx.init.pidfd);
  ctx.init = undefined;
}
