import { THROTTLE_FIELDS } from './names/throttle-fields.ts';
import type {
  Int64,
  LinuxBlockIO,
  LinuxCPU,
  LinuxMemory,
  LinuxResources,
  ThrottleDevice,
  WeightDevice,
} from './types.ts';

/**
 * A container's resources after an update, merged as `runc update` merges them. Device rules stay
 * as they are.
 */
export function mergeResources(current: LinuxResources, update: LinuxResources): LinuxResources {
  const { pids, unified } = update;
  return {
    ...current,
    memory: mergeMemory(current.memory, update.memory),
    cpu: mergeCpu(current.cpu, update.cpu),
    blockIO: mergeBlockIO(current.blockIO, update.blockIO),
    ...(pids?.limit !== undefined && { pids }),
    ...(unified && { unified: { ...current.unified, ...unified } }),
  };
}

function mergeMemory(current: LinuxMemory = {}, update: LinuxMemory = {}): LinuxMemory {
  const { limit, reservation, swap, checkBeforeUpdate = false } = update;
  const merged: LinuxMemory = {
    ...current,
    ...defined({ limit, reservation, swap }),
    checkBeforeUpdate,
  };
  // Without a limit on memory, a limit on memory and swap together would be refused.
  if (limit !== undefined && BigInt(limit) === -1n && swap === undefined) delete merged.swap;
  return merged;
}

function mergeCpu(current: LinuxCPU = {}, update: LinuxCPU = {}): LinuxCPU {
  const { cpus, mems, ...rest } = update;
  const merged: LinuxCPU = {
    ...current,
    ...defined(rest),
    ...mergeBandwidth(current, update),
    ...(cpus && { cpus }),
    ...(mems && { mems }),
  };
  // The kernel refuses a weight for an idle cgroup.
  if (update.idle !== undefined && update.shares === undefined) delete merged.shares;
  return merged;
}

/** Quota and period belong together: if only one is given, the other stays. */
function mergeBandwidth(current: LinuxCPU, { quota, period }: LinuxCPU): LinuxCPU {
  const given = (value: Int64 | undefined): value is Int64 =>
    value !== undefined && BigInt(value) !== 0n;
  return defined({
    quota: given(quota) ? quota : current.quota,
    period: given(period) ? period : current.period,
  });
}

function mergeBlockIO(current: LinuxBlockIO = {}, update: LinuxBlockIO = {}): LinuxBlockIO {
  const { weight, leafWeight } = update;
  const merged: LinuxBlockIO = { ...current, ...defined({ weight, leafWeight }) };
  if (update.weightDevice) {
    merged.weightDevice = upsert<WeightDevice>(current.weightDevice, update.weightDevice);
  }
  for (const field of THROTTLE_FIELDS) {
    const change = update[field];
    if (change) merged[field] = upsert<ThrottleDevice>(current[field], change);
  }
  return merged;
}

/** Changes devices that are listed already, and adds the others. */
function upsert<T extends { major: number; minor: number }>(
  current: readonly T[] = [],
  update: readonly T[],
): T[] {
  const merged = [...current];
  for (const device of update) {
    const at = merged.findLastIndex(
      ({ major, minor }) => major === device.major && minor === device.minor,
    );
    if (at === -1) merged.push(device);
    else merged[at] = { ...merged[at], ...device };
  }
  return merged;
}

function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as never;
}
