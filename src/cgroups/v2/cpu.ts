import type { Int64, LinuxCPU } from '../../config/types.ts';
import { type Controller, firstSetPath, isSet, writeField } from '../limits/controller.ts';
import { writeUnlessEarly } from '../limits/write-unless-early.ts';

const FIELD = 'linux.resources.cpu';

/** Documentation/admin-guide/cgroup-v2.rst, "CPU Interface Files". v2 has no realtime runtime. */
export const cpu: Controller = {
  name: 'cpu',
  firstSetField: (resources) =>
    firstSetPath('cpu', resources.cpu, ['shares', 'quota', 'burst', 'period', 'idle']),
  apply: (dir, { cpu }) => {
    if (cpu === undefined) return;
    if (cpu.idle !== undefined) writeField(`${FIELD}.idle`, dir, 'cpu.idle', cpu.idle);
    if (isSet(cpu.shares)) {
      writeField(`${FIELD}.shares`, dir, 'cpu.weight', cpuWeight(cpu.shares));
    }
    applyBandwidth(dir, cpu);
  },
};

function applyBandwidth(dir: string, { quota, period, burst }: LinuxCPU): void {
  const again =
    burst !== undefined && writeUnlessEarly(`${FIELD}.burst`, dir, 'cpu.max.burst', burst, quota);
  if (!isSet(quota) && !isSet(period)) return;
  const field = isSet(quota) ? 'quota' : 'period';
  writeField(`${FIELD}.${field}`, dir, 'cpu.max', cpuMax(quota, period));
  if (again) writeField(`${FIELD}.burst`, dir, 'cpu.max.burst', burst!);
}

/** cpu.max: `50000 100000`, `max 100000`. The default period is the kernel's. */
export function cpuMax(quota: Int64 = 0, period: Int64 = 0): string {
  return `${quota > 0 ? quota : 'max'} ${isSet(period) ? period : 100_000}`;
}

/**
 * cpu.weight (1 to 10000, 100 by default) for v1's shares (2 to 262144, 1024 by default): runc's
 * curve through these three pairs, quadratic in the logarithms. 0 means unset and stays 0.
 */
export function cpuWeight(shares: Int64): number {
  const value = Number(shares);
  if (value === 0) return 0;
  if (value <= 2) return 1;
  if (value >= 262_144) return 10_000;
  const log = Math.log2(value);
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}
