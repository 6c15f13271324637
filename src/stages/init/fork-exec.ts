import type { OnFailure } from '../../context/cleanup.ts';
import type { ForkedContext, PreparedContext } from '../../context/context.ts';
import type { Stage } from '../../context/stage.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { closeNamespaces } from '../../namespaces/namespace-plan.ts';
import { type NamespaceFiles, namespacesOfInit } from '../../namespaces/namespaces-of-init.ts';
import { isAlive } from '../../state/init-process.ts';
import { dup2 } from '../../syscalls/files/file.ts';
import { CLONE_NEWCGROUP, CLONE_NEWPID } from '../../syscalls/task/namespaces.ts';
import { setOwnOomScore } from '../process/set-oom-score.ts';
import { forkProcess } from './fork-process.ts';

/** Forks a process into the namespaces of the container's init. */
export async function forkExec(
  ctx: PreparedContext,
  onFailure: OnFailure,
  stages: () => readonly Stage[],
): Promise<Pick<ForkedContext, 'init' | 'channel'>> {
  using forking = new DisposableStack();
  const namespaces = namespacesOfInit(ctx.record.initPid, ctx.stateDir, notYetOfInit(ctx));
  forking.adopt({ join: namespaces }, closeNamespaces);
  const last = ctx.attachment?.cloneInto === undefined ? undefined : CLONE_NEWCGROUP;
  const plan = {
    join: namespaces.filter(({ flag }) => flag !== last),
    create: 0,
    undumpable: true,
    childJoins: true,
    beforeUndumpable: () => {
      for (const [to, fd] of (ctx.stdio ?? []).entries()) if (fd !== to) dup2(fd, to);
      setOwnOomScore(ctx);
    },
  };
  try {
    // Opened by pid: that they are init's is sure only if init is alive afterwards.
    if (!isAlive(ctx.record)) throw stopped();
    ctx.cgroupNamespace = namespaces.find(({ flag }) => flag === last)?.fd;
    ctx.joinsPidNamespace = namespaces.some(({ flag }) => flag === CLONE_NEWPID);
    ctx.expectedChild = ctx.joinsPidNamespace ? { depth: 1 } : undefined;
    return await forkProcess(ctx, onFailure, plan, stages);
  } catch (error) {
    // No fork goes into a removed cgroup, nor into a pid namespace whose init ended:
    // pid_namespaces(7).
    throw hasErrno(error, 'ENOMEM', 'ENODEV') && !isAlive(ctx.record) ? stopped() : error;
  }
}

/** Namespaces that only init's child in a pid namespace is in. */
function notYetOfInit({ record, expectedChild }: PreparedContext): NamespaceFiles {
  if (!expectedChild) return {};
  const directory = `/proc/${record.initPid}/ns`;
  return { pid: `${directory}/pid_for_children`, time: `${directory}/time_for_children` };
}

const stopped = () => new RuntimeError('cannot exec in a stopped container');
