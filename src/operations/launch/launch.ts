import { countListenFds } from '../../caller/listen-fds.ts';
import type { CgroupManager } from '../../config/names/cgroup-managers.ts';
import type { LaunchContext } from '../../context/context.ts';
import type { LaunchOptions } from '../../context/launch.ts';
import type { ContainerRecord } from '../../state/record.ts';
import { stateDirOf } from '../../state/store.ts';
import { processContext } from '../session/process-context.ts';
import type { Session, SessionRequest } from '../session/session.ts';

/** The request of `create` and `run`. Paths are absolute. */
export interface LaunchRequest extends SessionRequest, LaunchOptions {
  /** Absolute path. */
  bundle: string;
  cgroupManager: CgroupManager;
  rootless: boolean;
  /** Becomes the program's fds 0, 1 and 2. Default: the caller's. */
  stdio?: readonly number[] | undefined;
}

/** Makes the context for the stages. Reads nothing yet. */
export function launchContext(
  request: LaunchRequest,
  session: Session,
  atEnd: DisposableStack,
): LaunchContext {
  const { id, root, bundle, cgroupManager, rootless, stdio } = request;
  return {
    ...processContext(session, atEnd),
    ...(stdio && { stdio }),
    id,
    bundle,
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
      ...interceptedStages(session),
    },
    detached: true,
  };
}

/** The stages about which init asks. No more can be added once init waits for its start. */
function interceptedStages({ bus }: Session): Pick<ContainerRecord, 'interceptedStages'> {
  const stages = bus.questions
    .filter((question) => question.endsWith(':before'))
    .map((question) => question.slice(0, -':before'.length));
  return stages.length > 0 ? { interceptedStages: stages } : {};
}
