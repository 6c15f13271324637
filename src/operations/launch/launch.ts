import { countListenFds } from '../../caller/listen-fds.ts';
import type { CgroupManager } from '../../config/names/cgroup-managers.ts';
import { closeHookOutput } from '../../hooks/hook-output.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import type { InheritedFds, LaunchOptions } from '../../lifecycle/launch.ts';
import { closeMountSources } from '../../stages/mounts/open-mount-sources.ts';
import { closeNetNamespace } from '../../stages/namespaces/move-net-devices.ts';
import type { ContainerRequest } from '../../state/container.ts';
import type { ContainerRecord } from '../../state/record.ts';
import { closeStartFifos } from '../../state/start-fifos.ts';
import { stateDirOf } from '../../state/store.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { baseContext } from '../session/base-context.ts';
import type { Session } from '../session/session.ts';

/** The request of `create` and `run`. Paths are absolute. */
export interface LaunchRequest extends ContainerRequest, LaunchOptions {
  /** Absolute path. */
  bundle: string;
  cgroupManager: CgroupManager;
  rootless: boolean;
}

/** Makes the context for the stages. Reads nothing yet. */
export function launchContext(request: LaunchRequest, session: Session): RuntimeContext {
  const { id, root, bundle, cgroupManager, rootless } = request;
  return {
    ...baseContext(session),
    id,
    bundle,
    // loadConfig sets it.
    spec: { ociVersion: '' },
    // validateConfig sets it: nothing before may trust a configuration that is not validated.
    rootfs: '',
    stateDir: stateDirOf(root, id),
    options: request,
    rootless,
    cgroupManager,
    listenFds: countListenFds(session.environment, process.pid),
    restart: session.restart,
    record: {
      ociVersion: '',
      id,
      bundle,
      rootfs: '',
      created: new Date().toISOString(),
      owner: process.geteuid!(),
      initPid: 0,
      initStartTime: 0,
      ...session.spans.traceRecord,
      rootless,
      ...(request.noNewKeyring && { noNewKeyring: true }),
      ...asksOf(session),
    },
    cgroup: undefined as never,
    claimed: false,
    cgroupCreated: false,
  };
}

/** The stages about which init asks. No more can be added once init waits for its start. */
function asksOf({ bus }: Session): Pick<ContainerRecord, 'asks'> {
  const asks = bus.questions
    .filter((question) => question.endsWith(':before'))
    .map((question) => question.slice(0, -':before'.length));
  return asks.length > 0 ? { asks } : {};
}

/** Closes all fds that the runtime still holds for a launch. */
export function closeLaunch(ctx: RuntimeContext): void {
  ctx.channel?.close();
  ctx.attachment?.close();
  closeMountSources(ctx);
  closeNetNamespace(ctx);
  ctx.readiness?.close();
  if (ctx.startLock !== undefined) closeFd(ctx.startLock);
  ctx.startLock = undefined;
  if (ctx.hookOutput) closeHookOutput(ctx.hookOutput);
  ctx.hookOutput = undefined;
  closeNotify(ctx.inherited);
  for (const name of ['console', 'pidfd'] as const) {
    if (ctx.inherited[name] >= 0) closeFd(ctx.inherited[name]);
    ctx.inherited[name] = -1;
  }
  if (ctx.init) closeFd(ctx.init.pidfd);
}

/** Closes the socket or FIFOs on which init waits for its start. */
export function closeNotify(inherited: InheritedFds): void {
  if (inherited.notify >= 0) closeFd(inherited.notify);
  inherited.notify = -1;
  if (inherited.fifos) closeStartFifos(inherited.fifos);
  inherited.fifos = undefined;
}
