import type { LinuxResources } from '../../config/types.ts';
import { atField } from '../../errors/stage-error.ts';
import { isSet } from '../limits/controller.ts';
import { cpuWeight } from '../v2/cpu.ts';
import { memorySwapMax } from '../v2/memory.ts';
import { maskProperty } from './cpu-mask.ts';
import { cpuQuotaProperties } from './cpu-quota.ts';
import { cpuWeightZeroMeansIdle, tasksMaxProperty } from './limits.ts';
import { INFINITY, type UnitProperty, uint64 } from './property.ts';
import { unifiedProperties } from './unified.ts';

/*
 * linux.resources, except devices, as properties of a unit (systemd.resource-control(5)), as in
 * runc. davit also writes the cgroup's files; the properties make systemd write the same when it
 * reloads.
 */

/** `version` is systemd's major version. */
export function resourcesV2(resources: LinuxResources, version: number): UnitProperty[] {
  const { memory = {}, cpu = {}, pids, unified = {} } = resources;
  const properties: UnitProperty[] = [];
  if (isSet(memory.limit)) properties.push(uint64('MemoryMax', memory.limit));
  if (isSet(memory.reservation)) properties.push(uint64('MemoryLow', memory.reservation));
  const swap = atField('linux.resources.memory.swap', () =>
    memorySwapMax(memory.swap, memory.limit),
  );
  // As in runc, only the cgroup's file says that there is no swap at all.
  if (swap === 'max') properties.push(uint64('MemorySwapMax', INFINITY));
  else if (swap && swap !== '0') properties.push(uint64('MemorySwapMax', BigInt(swap)));
  if (cpu.idle === 1 && cpuWeightZeroMeansIdle(version)) properties.push(uint64('CPUWeight', 0));
  else if (isSet(cpu.shares)) properties.push(uint64('CPUWeight', cpuWeight(cpu.shares)));
  properties.push(...cpuQuotaProperties(cpu), ...tasksMax(pids), ...masks(cpu));
  return [...properties, ...unifiedProperties(unified, version)];
}

export function resourcesV1({ memory, cpu, blockIO, pids }: LinuxResources): UnitProperty[] {
  const properties: UnitProperty[] = [];
  if (isSet(memory?.limit)) properties.push(uint64('MemoryLimit', memory.limit));
  if (isSet(cpu?.shares)) properties.push(uint64('CPUShares', cpu.shares));
  properties.push(...cpuQuotaProperties(cpu));
  if (isSet(blockIO?.weight)) properties.push(uint64('BlockIOWeight', blockIO.weight));
  return [...properties, ...tasksMax(pids), ...masks(cpu)];
}

function tasksMax(pids: LinuxResources['pids']): UnitProperty[] {
  return pids?.limit === undefined ? [] : [tasksMaxProperty(BigInt(pids.limit))];
}

function masks({ cpus, mems }: LinuxResources['cpu'] = {}): UnitProperty[] {
  return [
    ...(cpus ? [atField('linux.resources.cpu.cpus', () => maskProperty('AllowedCPUs', cpus))] : []),
    ...(mems
      ? [atField('linux.resources.cpu.mems', () => maskProperty('AllowedMemoryNodes', mems))]
      : []),
  ];
}
