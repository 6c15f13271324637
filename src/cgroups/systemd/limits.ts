import { INFINITY, type UnitProperty, uint64 } from './property.ts';

/** TasksMax for a pids limit. A negative limit means none; 0 becomes 1, as systemd has no 0. */
export const tasksMaxProperty = (limit: bigint): UnitProperty =>
  uint64('TasksMax', limit < 0n ? INFINITY : limit === 0n ? 1n : limit);

/** Since systemd 252 a CPUWeight of 0 means cpu.idle. */
export const cpuWeightZeroMeansIdle = (version: number): boolean => version >= 252;
