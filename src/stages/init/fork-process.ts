import { openSync } from 'node:fs';
import type { Process } from '../../config/types.ts';
import type { OnFailure } from '../../context/cleanup.ts';
import type { ForkedContext, PreparedContext, WalkContext } from '../../context/context.ts';
import type { Stage } from '../../context/stage.ts';
import { endedEarly } from '../../errors/ended-early.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { beginHookInRuntime } from '../../hooks/begin-hook.ts';
import { InitChannel, RuntimeChannel } from '../../init/channel/channel.ts';
import { killReportedChild } from '../../init/fork/adopt-child.ts';
import { type Forked, fork } from '../../init/fork/fork.ts';
import {
  enterNamespaces,
  forkInto,
  makeNamespaces,
  type NamespacePlan,
} from '../../init/fork/join.ts';
import { walkForked } from '../../init/fork/walk-forked.ts';
import { javascriptTransport } from '../../init/javascript-transport.ts';
import type { ChildKind, RemoteChild, RemoteParent } from '../../init/parent/init-parent.ts';
import { RemoteInit } from '../../init/remote/remote-init.ts';
import { remoteTransport } from '../../init/remote/remote-transport.ts';
import { lostInitMessage, replacementForLostInit } from '../../init/shared/lost-init.ts';
import { mayShare } from '../../init/shared/may-share.ts';
import { SharedChannel } from '../../init/shared/shared-channel.ts';
import { SharedInit } from '../../init/shared/shared-init.ts';
import { stagesOfInit } from '../../init/stages-of-init.ts';
import { trampolineFile } from '../../init/trampoline/trampoline-file.ts';
import { Walk } from '../../init/walk.ts';
import { openPrivateProcfs } from '../../rootfs/procfs.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { SOCK_SEQPACKET, socketpair } from '../../syscalls/network/socket.ts';
import { POLLIN, poll } from '../../syscalls/poll/poll.ts';
import { type ExecFd, execFd } from '../../syscalls/task/exec.ts';
import { CLONE_NEWPID } from '../../syscalls/task/namespaces.ts';
import { monotonicNs } from '../../syscalls/time/monotonic.ts';
import { joinBeforeHooks } from '../hooks/join-before-hooks.ts';

/** The process, and what the runtime has of it. */
type ForkedProcess = Pick<ForkedContext, 'init' | 'channel'>;

/** What the new process is made with. */
interface ForkRequest {
  plan: NamespacePlan;
  /** The applicable stages that the process walks. */
  stages: readonly Stage[];
  /** The ends of the channel. */
  runtime: RuntimeChannel;
  init: InitChannel;
  /** The file for its trampoline. */
  trampoline: number;
  onFailure: OnFailure;
}

/** Makes the process that walks the container's side of `stages`, connected by a channel. */
export async function forkProcess(
  ctx: PreparedContext,
  onFailure: OnFailure,
  namespaces: NamespacePlan,
  stages: () => readonly Stage[],
): Promise<ForkedProcess> {
  using forking = new DisposableStack();
  const { remote } = ctx.initParent;
  const child = remote && (await forkRemotely(ctx, remote, namespaces));
  const trampoline = forking.adopt(
    trampolineFile(ctx.stateDir, { unreadable: !ctx.unprivileged }),
    closeFd,
  );
  const plan = { ...namespaces, cgroup: ctx.attachment?.cloneInto };
  const initStages = stagesOfInit(ctx, stages());
  const [runtimesEnd, initsEnd] = socketpair(SOCK_SEQPACKET);
  const init = forking.use(new InitChannel(initsEnd));
  const shares = child || mayShare(ctx, plan, initStages);
  const shared = shares ? new SharedChannel(runtimesEnd) : undefined;
  const runtime = ctx.atEnd.use(shared ?? new RuntimeChannel(runtimesEnd));
  if (ctx.inherited.fifos) runtime.alsoReceiveFrom(ctx.inherited.fifos.report);
  const request = { plan, stages: initStages, runtime, init, trampoline, onFailure };
  if (child) {
    shareWithHelper(ctx, request, shared!, child, remote);
    return { init: child, channel: runtime };
  }
  const forked = (shared && share(ctx, request, shared)) ?? copy(ctx, request);
  await ctx.attachment?.attachProcess?.(forked.pid);
  return { init: forked, channel: runtime };
}

/** Has the front fork init. */
async function forkRemotely(
  ctx: PreparedContext,
  parent: RemoteParent,
  { create }: NamespacePlan,
): Promise<RemoteChild> {
  const { listenFds, options, attachment } = ctx;
  const child = await parent.fork({
    namespaces: create,
    cgroup: attachment?.cloneInto,
    preserveFds: listenFds + options.preserveFds,
    kind: kindOf(ctx),
  });
  ctx.atEnd.defer(() => closeFd(child.pidfd));
  ctx.atEnd.adopt(child.socket, closeFd);
  return child;
}

/** Only a hook's program is known by its path. */
const kindOf = ({ program, supervisor }: PreparedContext): ChildKind => {
  if (program !== undefined) return 'hook';
  return supervisor === undefined ? 'detached' : 'foreground';
};

/** Makes the helper that walks the stages for a child of the front. */
function shareWithHelper(
  ctx: PreparedContext,
  request: ForkRequest,
  channel: SharedChannel,
  child: RemoteChild,
  parent: RemoteParent,
): void {
  const { plan, stages } = request;
  killOnFailure(ctx, request, child);
  const remote = unlessEnded(child, () => {
    if (plan.create & CLONE_NEWPID) {
      ctx.pidNamespace = ctx.atEnd.adopt(openSync(`/proc/${child.pid}/ns/pid`, 'r'), closeFd);
    }
    // The helper has the fds that are open by now.
    return new RemoteInit(plan, child, parent, ctx.stdio ?? parent.stdio, lostInitMessage(ctx));
  });
  ctx.joinBeforeHooks = () => joinBeforeHooks(remote);
  ctx.atEnd.defer(() => remote.end());
  const context = {
    ...initContext(ctx, request, execFd),
    procfs: remote.procfs,
    isHelper: true,
    beginHook: beginHookInRuntime(ctx, true),
  };
  const walk = new Walk(stages, ctx.bus, remoteTransport(context, remote));
  channel.share(remote, walk, ctx);
}

/** What fails because the child has been killed says so. */
function unlessEnded<T>({ pidfd }: Forked, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const hasEnded = poll([{ fd: pidfd, events: POLLIN, revents: 0 }], 0) > 0;
    throw hasEnded ? endedEarly() : error;
  }
}

/** Registers how the process ends. */
function keep(ctx: PreparedContext, request: ForkRequest, init: Forked, shared?: SharedInit): void {
  // init may be replaced by its child: adoptChild.
  ctx.atEnd.defer(() => closeFd(init.pidfd));
  killOnFailure(ctx, request, init, shared);
}

function killOnFailure(
  ctx: PreparedContext,
  { onFailure, runtime }: ForkRequest,
  init: Forked,
  shared?: SharedInit,
): void {
  onFailure.defer(() => {
    ctx.initParent.kill(init);
    killReportedChild(runtime, ctx);
    shared?.end();
  });
}

/** Makes an init that shares the runtime's memory. Undefined if refused. */
function share(
  ctx: PreparedContext,
  request: ForkRequest,
  channel: SharedChannel,
): Forked | undefined {
  const shared = shareMemory(ctx, request);
  if (!shared) return undefined;
  const init = shared.forked;
  keep(ctx, request, init, shared);
  const context = {
    ...initContext(ctx, request, (fd, argv) => shared.exec(fd, argv)),
    beginHook: beginHookInRuntime(ctx, true),
  };
  const walk = new Walk(request.stages, ctx.bus, javascriptTransport(context));
  channel.share(shared, walk, ctx);
  return init;
}

function shareMemory(
  ctx: PreparedContext,
  { plan, runtime, init }: ForkRequest,
): SharedInit | undefined {
  try {
    return new SharedInit(plan, runtime.fd, init.fd, {
      message: lostInitMessage(ctx),
      replacement: replacementForLostInit(ctx),
    });
  } catch (error) {
    // CLONE_INTO_CGROUP is Linux 5.7.
    if (hasErrno(error, 'E2BIG')) return undefined;
    throw error;
  }
}

/** Forks an init with a copy of the runtime's memory, which walks its stages by itself. */
function copy(ctx: PreparedContext, request: ForkRequest): Forked {
  const { plan, runtime, init, stages } = request;
  const walk = (procfs: number) =>
    walkForked({ ...initContext(ctx, request, execFd), procfs }, stages);
  const forked = plan.childJoins
    ? fork(0, () => enterAndWalk(request, walk), plan)
    : forkInto(plan, () => {
        runtime.close();
        walk(-1);
      });
  keep(ctx, request, forked);
  // While the runtime had this end open as well, it would not notice that init is gone.
  init.close();
  // Waits until the process is in its namespaces: that time is part of the fork.
  const message = runtime.receive();
  if (message?.type === 'failure') throw message.error;
  if (message?.type !== 'ready') throw endedEarly();
  return forked;
}

/** Walks with a procfs of the process's own pid namespace: the container's does not show it. */
function enterAndWalk({ plan, runtime, init }: ForkRequest, walk: (procfs: number) => never): void {
  runtime.close();
  const begin = monotonicNs();
  let procfs: number;
  try {
    procfs = openPrivateProcfs();
    enterNamespaces(plan);
    if (plan.create || plan.timeOffsets) makeNamespaces(plan);
  } catch (error) {
    init.send({ type: 'failure', stage: 'fork', begin, end: monotonicNs(), error });
    return;
  }
  walk(procfs);
}

/** The process of a container without `process`, which waits for ever: `start` refuses it. */
const NONE: Process = { args: [], user: { uid: 0, gid: 0 }, cwd: '/' };

function initContext(
  ctx: PreparedContext,
  { init, trampoline }: ForkRequest,
  execFd: ExecFd,
): WalkContext {
  return {
    ...ctx,
    process: ctx.spec.process ?? NONE,
    channel: init,
    procfs: -1,
    rootfsFd: -1,
    mountRuns: [],
    trampoline,
    terminal: undefined,
    executable: '',
    environment: [],
    execFd,
  };
}
