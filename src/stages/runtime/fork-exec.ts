import { RuntimeError } from '../../errors/runtime-error.ts';
import { failedWith } from '../../errors/syscall-error.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import type { Stage } from '../../lifecycle/stage.ts';
import { closeNamespaces } from '../../process/namespace-plan.ts';
import { namespacesOfInit } from '../../process/namespaces-of-init.ts';
import { isAlive } from '../../state/process-stat.ts';
import { forkProcess } from './fork-process.ts';
import { setOwnOomScore } from './set-oom-score.ts';

/** Forks a process into the namespaces of the container's init. */
export function forkExec(ctx: RuntimeContext, stages: () => readonly Stage[]): void {
  const { initPid, initStartTime } = ctx.record;
  const plan = {
    join: namespacesOfInit(initPid, ctx.stateDir),
    create: 0,
    secret: true,
    beforeSecret: () => setOwnOomScore(ctx),
  };
  try {
    // Opened by pid, so only now is it sure that they are init's.
    if (!isAlive(initPid, initStartTime)) throw stopped();
    forkProcess(ctx, plan, stages);
  } catch (error) {
    // pid_namespaces(7): there is no fork into one whose init has ended.
    throw failedWith(error, 'ENOMEM') && !isAlive(initPid, initStartTime) ? stopped() : error;
  } finally {
    closeNamespaces(plan);
  }
}

const stopped = () => new RuntimeError('cannot exec in a stopped container');
