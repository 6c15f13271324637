import { SCHEDULER_FLAGS, SCHEDULER_POLICIES } from '../names/scheduler.ts';
import type { Scheduler } from '../types.ts';
import type { Report } from './checks/report.ts';
import { int32, list, object, oneOf, uint64 } from './checks/shape.ts';

/** `process.scheduler`: sched_setattr(2). */
export const scheduler = object<Scheduler>(
  {
    required: { policy: oneOf(SCHEDULER_POLICIES) },
    optional: {
      nice: int32,
      priority: int32,
      flags: list(oneOf(SCHEDULER_FLAGS)),
      runtime: uint64,
      deadline: uint64,
      period: uint64,
    },
  },
  (value, report) => {
    checkNice(value, report);
    checkPriority(value, report);
    checkDeadline(value, report);
  },
);

function checkNice({ policy, nice = 0 }: Scheduler, report: Report): void {
  if (policy !== 'SCHED_OTHER' && policy !== 'SCHED_BATCH') return;
  if (nice < -20 || nice > 19) report.add(nice, 'an integer from -20 to 19', 'nice');
}

function checkPriority({ policy, priority = 0 }: Scheduler, report: Report): void {
  if (policy === 'SCHED_FIFO' || policy === 'SCHED_RR') {
    if (priority < 1 || priority > 99) {
      report.add(priority, `an integer from 1 to 99, as policy is ${policy}`, 'priority');
    }
  } else if (priority !== 0) {
    report.add(priority, '0, as policy is neither SCHED_FIFO nor SCHED_RR', 'priority');
  }
}

function checkDeadline(value: Scheduler, report: Report): void {
  const { policy, runtime = 0, deadline = 0, period = 0 } = value;
  if (policy !== 'SCHED_DEADLINE') {
    for (const field of ['runtime', 'deadline', 'period'] as const) {
      if (value[field]) report.add(value[field], '0, as policy is not SCHED_DEADLINE', field);
    }
    return;
  }
  if (deadline < 1) report.add(value.deadline, 'more than 0 nanoseconds', 'deadline');
  // The kernel's DL_SCALE: kernel/sched/deadline.c, __checkparam_dl.
  else if (runtime < 1024 || runtime > deadline) {
    report.add(value.runtime, `from 1024 nanoseconds to the deadline, ${deadline}`, 'runtime');
  }
  if (period && period < deadline) {
    report.add(period, `at least the deadline, ${deadline}, or 0`, 'period');
  }
}
