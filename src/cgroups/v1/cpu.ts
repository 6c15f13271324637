import type { Int64, LinuxCPU } from '../../config/types.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { atField } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { readValue, writeFile } from '../files.ts';
import { type Controller, firstSetPath, isSet, writeField } from '../limits/controller.ts';
import { writeUnlessEarly } from '../limits/write-unless-early.ts';

const FIELD = 'linux.resources.cpu';

/** Documentation/scheduler/sched-bwc.rst and sched-rt-group.rst. */
export const cpu: Controller = {
  name: 'cpu',
  firstSetField: (resources) =>
    firstSetPath('cpu', resources.cpu, [
      'shares',
      'quota',
      'burst',
      'period',
      'realtimeRuntime',
      'realtimePeriod',
      'idle',
    ]),
  // A process with a realtime policy can't enter a cgroup without realtime runtime.
  prepare: (dir, { cpu }) => {
    if (cpu !== undefined) applyRealtime(dir, cpu);
  },
  apply: (dir, { cpu }) => {
    if (cpu === undefined) return;
    applyShares(dir, cpu.shares);
    applyBandwidth(dir, cpu);
    if (cpu.idle !== undefined) writeField(`${FIELD}.idle`, dir, 'cpu.idle', cpu.idle);
    applyRealtime(dir, cpu);
  },
};

function applyShares(dir: string, shares: Int64 | undefined): void {
  if (!isSet(shares)) return;
  atField(`${FIELD}.shares`, () => {
    writeFile(dir, 'cpu.shares', String(shares));
    // The kernel clamps a value that is out of range.
    const stands = BigInt(readValue(dir, 'cpu.shares'));
    if (BigInt(shares) > stands)
      throw new RuntimeError(`the maximum allowed cpu-shares is ${stands}`);
    if (BigInt(shares) < stands)
      throw new RuntimeError(`the minimum allowed cpu-shares is ${stands}`);
  });
}

function applyBandwidth(dir: string, { period, burst, quota }: LinuxCPU): void {
  const again = [
    isSet(period) && writeUnlessEarly(`${FIELD}.period`, dir, 'cpu.cfs_period_us', period, quota),
    burst !== undefined && writeBurst(dir, burst, quota),
  ];
  if (!isSet(quota)) return;
  writeField(`${FIELD}.quota`, dir, 'cpu.cfs_quota_us', quota);
  if (again[0]) writeField(`${FIELD}.period`, dir, 'cpu.cfs_period_us', period!);
  if (again[1]) writeField(`${FIELD}.burst`, dir, 'cpu.cfs_burst_us', burst!);
}

/** Kernels before 5.14 have no bursts: davit then ignores the field, as runc does. */
function writeBurst(dir: string, burst: Int64, quota: Int64 | undefined): boolean {
  try {
    return writeUnlessEarly(`${FIELD}.burst`, dir, 'cpu.cfs_burst_us', burst, quota);
  } catch (error) {
    if (error instanceof Error && hasErrno(error.cause, 'ENOENT')) return false;
    throw error;
  }
}

function applyRealtime(dir: string, { realtimePeriod, realtimeRuntime }: LinuxCPU): void {
  const again =
    isSet(realtimePeriod) &&
    writeUnlessEarly(
      `${FIELD}.realtimePeriod`,
      dir,
      'cpu.rt_period_us',
      realtimePeriod,
      realtimeRuntime,
    );
  if (!isSet(realtimeRuntime)) return;
  writeField(`${FIELD}.realtimeRuntime`, dir, 'cpu.rt_runtime_us', realtimeRuntime);
  if (again) writeField(`${FIELD}.realtimePeriod`, dir, 'cpu.rt_period_us', realtimePeriod!);
}
