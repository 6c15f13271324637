import {
  parseCount,
  readCount,
  readIfThere,
  readKeyed,
  withoutEmpty,
} from '../usage/read-counts.ts';
import type { Count, CpuStats } from '../usage/stats.ts';

/** cpuacct.stat counts in ticks of USER_HZ, which is 100 on every architecture davit runs on. */
const NANOSECONDS_A_TICK = 10_000_000n;

export function readCpu(cpu: string | undefined, cpuacct: string | undefined): CpuStats {
  const stat = cpu === undefined ? {} : readKeyed(cpu, 'cpu.stat');
  const throttling = withoutEmpty({
    periods: stat.nr_periods,
    throttledPeriods: stat.nr_throttled,
    throttledTime: stat.throttled_time,
  });
  const usage = cpuacct === undefined ? undefined : readUsage(cpuacct);
  return {
    ...(usage && { usage }),
    ...(Object.keys(throttling).length > 0 && { throttling }),
  };
}

function readUsage(dir: string): CpuStats['usage'] {
  const total = readCount(dir, 'cpuacct.usage');
  if (total === undefined) return undefined;
  const { user = 0, system = 0 } = readKeyed(dir, 'cpuacct.stat');
  const modes = (readIfThere(dir, 'cpuacct.usage_all') ?? '').trim().split('\n').slice(1);
  const column = (index: number): Count[] =>
    modes.map((line) => parseCount(line.split(' ')[index]!));
  return {
    ...withoutEmpty({
      total,
      percpu: (readIfThere(dir, 'cpuacct.usage_percpu') ?? '')
        .split(/\s+/)
        .filter(Boolean)
        .map(parseCount),
      percpu_kernel: column(2),
      percpu_user: column(1),
    }),
    kernel: nanoseconds(system),
    user: nanoseconds(user),
  };
}

const nanoseconds = (ticks: Count): Count => parseCount(String(BigInt(ticks) * NANOSECONDS_A_TICK));
