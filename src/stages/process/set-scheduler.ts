import type { SchedulerFlag, SchedulerPolicy } from '../../config/names/scheduler.ts';
import type { Process, Scheduler, Spec } from '../../config/types.ts';
import type { AppliesContext } from '../../context/applies-context.ts';
import type { ForkedContext } from '../../context/context.ts';
import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { schedSetattr } from '../../syscalls/task/sched.ts';
import { joinsPidNamespace } from '../namespaces/enter-pid-namespace.ts';

/** linux/sched.h. */
const POLICIES: Record<SchedulerPolicy, number> = {
  SCHED_OTHER: 0,
  SCHED_FIFO: 1,
  SCHED_RR: 2,
  SCHED_BATCH: 3,
  SCHED_ISO: 4,
  SCHED_IDLE: 5,
  SCHED_DEADLINE: 6,
};
const FLAGS: Record<SchedulerFlag, bigint> = {
  SCHED_FLAG_RESET_ON_FORK: 0x01n,
  SCHED_FLAG_RECLAIM: 0x02n,
  SCHED_FLAG_DL_OVERRUN: 0x04n,
  SCHED_FLAG_KEEP_POLICY: 0x08n,
  SCHED_FLAG_KEEP_PARAMS: 0x10n,
  SCHED_FLAG_UTIL_CLAMP_MIN: 0x20n,
  SCHED_FLAG_UTIL_CLAMP_MAX: 0x40n,
};

export const hasScheduler = ({ spec }: { spec: Spec }): boolean =>
  spec.process?.scheduler !== undefined;

/**
 * True for a policy that a process cannot set before it makes the child that becomes the program:
 * the child would not have it. A SCHED_DEADLINE process cannot even have children. sched(7)
 */
export const needsSchedulerAfterFork = (launch: AppliesContext): boolean => {
  const { policy, flags = [] } = launch.spec.process?.scheduler ?? {};
  const isReset = policy === 'SCHED_DEADLINE' || flags.includes('SCHED_FLAG_RESET_ON_FORK');
  return isReset && joinsPidNamespace(launch);
};

/** In init: sets process.scheduler. */
export function setScheduler({ process, spec }: InitContext): void {
  applyScheduler(0, process, { cpuset: hasCpuset(spec) });
}

/** In the runtime: sets process.scheduler of the process that has entered a pid namespace. */
export function setSchedulerAfterFork({ init, spec }: ForkedContext): void {
  applyScheduler(init.pid, spec.process!, { cpuset: hasCpuset(spec) });
}

const hasCpuset = (spec: Spec): boolean => Boolean(spec.linux?.resources?.cpu?.cpus);

/**
 * Sets the scheduling policy of `pid`, 0 being the calling thread. `cpuset` says that its CPUs are
 * limited.
 */
export function applyScheduler(
  pid: number,
  { scheduler }: Process,
  { cpuset }: { cpuset: boolean },
): void {
  if (!scheduler) return;
  atField('process.scheduler', () => {
    try {
      schedSetattr(pid, attributes(scheduler));
    } catch (error) {
      // SCHED_DEADLINE wants all CPUs of the root domain.
      if (!cpuset || !hasErrno(error, 'EPERM')) throw error;
      throw new Error("process scheduler can't be used together with AllowedCPUs", {
        cause: error,
      });
    }
  });
}

function attributes(scheduler: Scheduler): Parameters<typeof schedSetattr>[1] {
  const { policy, nice = 0, priority = 0, flags = [] } = scheduler;
  return {
    policy: POLICIES[policy],
    flags: flags.reduce((bits, flag) => bits | FLAGS[flag], 0n),
    nice,
    priority,
    runtime: BigInt(scheduler.runtime ?? 0),
    deadline: BigInt(scheduler.deadline ?? 0),
    period: BigInt(scheduler.period ?? 0),
  };
}
