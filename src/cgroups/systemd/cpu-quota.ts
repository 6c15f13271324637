import type { LinuxCPU } from '../../config/types.ts';
import { isSet } from '../limits/controller.ts';
import { INFINITY, type UnitProperty, uint64 } from './property.ts';

const MICROSECONDS = 1_000_000n;
/** systemd keeps a quota as a whole percentage of a CPU. */
const PERCENT = MICROSECONDS / 100n;
/** The kernel's default, in microseconds. */
const DEFAULT_PERIOD = 100_000n;

/**
 * The CPU time that systemd will grant, in microseconds per second: the quota, rounded up to a
 * whole percentage. Undefined without a quota.
 */
function perSecond({ quota = 0, period = 0 }: LinuxCPU): bigint | undefined {
  if (!(quota > 0)) return undefined;
  const exact = (BigInt(quota) * MICROSECONDS) / periodOf(period);
  return ((exact + PERCENT - 1n) / PERCENT) * PERCENT;
}

/** CPUQuotaPerSecUSec and CPUQuotaPeriodUSec; none when neither quota nor period is set. */
export function cpuQuotaProperties(cpu: LinuxCPU = {}): UnitProperty[] {
  const { quota, period } = cpu;
  const properties: UnitProperty[] = [];
  if (isSet(period)) properties.push(uint64('CPUQuotaPeriodUSec', period));
  if (isSet(quota) || isSet(period)) {
    properties.push(uint64('CPUQuotaPerSecUSec', perSecond(cpu) ?? INFINITY));
  }
  return properties;
}

/** `cpu` with the quota that systemd grants, so that davit writes the same to the cgroup's file. */
export function roundQuota(cpu: LinuxCPU): LinuxCPU {
  const { quota = 0, period = 0 } = cpu;
  const granted = perSecond(cpu);
  const of = periodOf(period);
  if (granted === undefined || granted === (BigInt(quota) * MICROSECONDS) / of) return cpu;
  return { ...cpu, quota: Number((granted * of) / MICROSECONDS) };
}

const periodOf = (period: number | bigint): bigint =>
  BigInt(period) === 0n ? DEFAULT_PERIOD : BigInt(period);
