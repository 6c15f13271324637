import { openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { parseOwnCgroups } from '../../cgroups/mounts.ts';
import { moveProcess } from '../../cgroups/move-process.ts';
import { removeCriuDirectories } from '../../checkpoint/criu-directories.ts';
import { explainByLog } from '../../checkpoint/criu-log.ts';
import type { RequestInit } from '../../checkpoint/criu-messages.ts';
import { REQUEST } from '../../checkpoint/criu-numbers.ts';
import { CriuProcess } from '../../checkpoint/criu-process.ts';
import { type CriuNotification, CriuSession } from '../../checkpoint/criu-session.ts';
import type { Criu } from '../../checkpoint/find-criu.ts';
import { makesNamespace } from '../../config/has-namespace.ts';
import type { OnFailure } from '../../context/cleanup.ts';
import type { PreparedContext, RestoreContext } from '../../context/context.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import type { Forked } from '../../init/fork/fork.ts';
import { inNetworkNamespace } from '../../namespaces/net-device.ts';
import { removeNotifySocket } from '../../state/notify-socket.ts';
import { mountRestoreRoot, unmountRestoreRoot } from '../../state/restore-root.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { bringInterfaceUp } from '../../syscalls/network/netif.ts';
import { kill } from '../../syscalls/signal/signals.ts';
import { tryPidfdOpen } from '../../syscalls/task/pidfd.ts';
import { waitpid } from '../../syscalls/task/process.ts';
import { sendTerminal } from '../../terminal/console-socket.ts';
import { commonOptions } from './common-options.ts';
import { stdioToReplace } from './descriptors.ts';
import { externalMounts, MASK } from './external-mounts.ts';
import { type NamespacesToJoin, namespacesToJoin } from './external-namespaces.ts';
import { makeMountpoints } from './make-mountpoints.ts';
import type { Images } from './open-images.ts';

type RestoringContext = RestoreContext &
  PreparedContext & {
    readonly criu: Criu;
    readonly images: Images;
    readonly restoreRoot: string;
  };

/** A restore that criu has begun. */
interface Begun {
  readonly process: CriuProcess;
  readonly session: CriuSession;
}

const LOG = 'restore.log';

/** Makes the mount points, and binds the rootfs to where criu looks for it. */
export function prepareRestoreRoot(
  ctx: PreparedContext,
  onFailure: OnFailure,
): { restoreRoot: string } {
  makeMountpoints(ctx);
  onFailure.defer(() => unmountRestoreRoot(ctx.stateDir));
  const readonly = ctx.spec.root?.readonly ?? false;
  return { restoreRoot: mountRestoreRoot(ctx.stateDir, ctx.rootfs, readonly) };
}

/** Starts criu in the container's cgroup, and lets it make the namespaces and init. */
export async function restoreNamespaces(
  ctx: RestoringContext,
  onFailure: OnFailure,
): Promise<{ begun: Begun; init: Forked }> {
  const namespaces = namespacesToJoin(ctx.spec.linux, ctx.atEnd);
  removeCriuDirectories(ctx.images.logDirectory, onFailure);
  const process = new CriuProcess(ctx.criu, {
    stdio: ctx.stdio ?? STDIO,
    passed: namespaces.passed,
  });
  let init = 0;
  onFailure.defer(() => endRestore(process, init));
  const request = await requestOf(ctx, process, namespaces);
  const session = new CriuSession(process, request, ctx.startProgress);
  const begun = { process, session };
  const event = await converse(ctx, begun, 'setup-namespaces');
  init = event?.pid || session.answer!.restore!.pid;
  if (makesNamespace(ctx.spec.linux, 'network')) bringUpLoopback(init);
  return { begun, init: { pid: init, pidfd: ctx.atEnd.adopt(tryPidfdOpen(init), closeFd) } };
}

const STDIO = [0, 1, 2];

/** Sockets of the container may be bound to lo's addresses, which lo has only while it is up. */
function bringUpLoopback(init: number): void {
  using fds = new DisposableStack();
  const namespace = fds.adopt(openSync(`/proc/${init}/ns/net`, 'r'), closeFd);
  inNetworkNamespace(namespace, () => bringInterfaceUp('lo'));
}

/** Lets criu restore the processes, which then run. */
export async function restoreProcesses(
  ctx: RestoringContext & { readonly begun: Begun },
): Promise<void> {
  await converse(ctx, ctx.begun);
  await ctx.begun.process.finish();
  unmountRestoreRoot(ctx.stateDir);
  // Without the socket, the container is running and not created.
  ctx.startSockets.dispose();
  removeNotifySocket(ctx.stateDir);
}

/** Goes on until criu notifies of `script`, which is returned, or has done everything. */
async function converse(
  ctx: RestoringContext,
  { session }: Begun,
  script?: string,
): Promise<CriuNotification | undefined> {
  try {
    for (let event = await session.next(); event; event = await session.next()) {
      passTerminal(ctx, event);
      if (event.script === script) return event;
    }
    return undefined;
  } catch (error) {
    throw explainByLog(error, join(ctx.images.logDirectory, LOG), ctx.warn);
  }
}

/** criu has made the terminal of the container anew: its master end is for the caller. */
function passTerminal(
  { inherited }: RestoringContext,
  { script, fd = -1 }: CriuNotification,
): void {
  try {
    if (script !== 'orphan-pts-master' || inherited.console < 0) return;
    sendTerminal(inherited.console, fd);
  } finally {
    closeFd(fd);
  }
}

async function requestOf(
  ctx: RestoringContext,
  process: CriuProcess,
  { inheritFd, joinNs }: NamespacesToJoin,
): Promise<RequestInit> {
  const { restoreOptions: options, images, spec, restoreRoot } = ctx;
  const { lsmProfile, lsmMountContext } = options;
  return {
    type: REQUEST.RESTORE,
    opts: {
      ...commonOptions(options, images, spec, LOG),
      root: restoreRoot,
      rstSibling: true,
      evasiveDevices: true,
      cgRoot: await enterCgroup(ctx, process),
      extMnt: mountsToBind(ctx),
      inheritFd: [...stdioToReplace(options.imagePath), ...inheritFd],
      joinNs,
      ...(lsmProfile && { lsmProfile }),
      ...(lsmMountContext && { lsmMountContext }),
    },
  };
}

/** Moves criu, whose children the processes are. criu renames the saved cgroups to these. */
async function enterCgroup(
  { cgroup, attachment }: RestoringContext,
  { pid }: CriuProcess,
): Promise<{ ctrl: string; path: string }[]> {
  if (attachment?.attachProcess) await attachment.attachProcess(pid);
  else moveProcess(cgroup!, pid);
  const own = parseOwnCgroups(readFileSync(`/proc/${pid}/cgroup`, 'utf8'));
  return own.flatMap(({ controllers, path }) =>
    (controllers.length > 0 ? controllers : ['']).map((ctrl) => ({ ctrl, path })),
  );
}

function mountsToBind(ctx: RestoringContext): { key: string; val: string }[] {
  const external = externalMounts(ctx).map(({ mountpoint, source }) => ({
    key: mountpoint,
    val: source,
  }));
  const masks = ctx.spec.linux?.maskedPaths?.length ? [{ key: MASK, val: MASK }] : [];
  return [...external, ...masks];
}

/** Ends criu and what it has restored so far. init is a child of this process. */
async function endRestore(process: CriuProcess, init: number): Promise<void> {
  await process.finish();
  if (init === 0) return;
  try {
    kill(init, constants.signals.SIGKILL);
    waitpid(init);
  } catch (error) {
    // criu or the foreground has reaped it.
    if (!hasErrno(error, 'ESRCH', 'ECHILD')) throw error;
  }
}
