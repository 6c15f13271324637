import { RuntimeError } from '../../errors/runtime-error.ts';
import { atField } from '../../errors/stage-error.ts';
import { maskProperty } from './cpu-mask.ts';
import { cpuQuotaProperties } from './cpu-quota.ts';
import { cpuWeightZeroMeansIdle, tasksMaxProperty } from './limits.ts';
import { INFINITY, property, type UnitProperty, uint64 } from './property.ts';

type Unified = Readonly<Record<string, string>>;

const SIZES: Readonly<Record<string, string>> = {
  'memory.high': 'MemoryHigh',
  'memory.low': 'MemoryLow',
  'memory.min': 'MemoryMin',
  'memory.max': 'MemoryMax',
  'memory.swap.max': 'MemorySwapMax',
};

/** The entries of linux.resources.unified for which systemd has properties. */
export function unifiedProperties(unified: Unified, version: number): UnitProperty[] {
  return Object.entries(unified).flatMap(([file, content]) =>
    atField(`linux.resources.unified["${file}"]`, () => {
      checkName(file);
      return one(file, content.trim(), { unified, version });
    }),
  );
}

/** OOMPolicy of a scope. systemd takes it only at the start, and only since version 253. */
export function oomPolicy(unified: Unified = {}, version: number): UnitProperty[] {
  const group = unified['memory.oom.group']?.trim();
  if ((group !== '0' && group !== '1') || version < 253) return [];
  return [property('OOMPolicy', 's', group === '1' ? 'kill' : 'continue')];
}

function checkName(file: string): void {
  if (file.includes('/')) {
    throw new RuntimeError(`unified resource "${file}" must be a file name (no slashes)`);
  }
  if (file.indexOf('.') <= 0) {
    throw new RuntimeError(`unified resource "${file}" must be in the form CONTROLLER.PARAMETER`);
  }
}

function one(
  file: string,
  value: string,
  { unified, version }: { unified: Unified; version: number },
): UnitProperty[] {
  const idle = () => unified['cpu.idle']?.trim() === '1' && cpuWeightZeroMeansIdle(version);
  const size = SIZES[file];
  if (size !== undefined) return [uint64(size, countOrMax(value))];
  switch (file) {
    case 'cpu.idle':
      return idle() ? [uint64('CPUWeight', 0)] : [];
    case 'cpu.weight':
      return idle() ? [] : [uint64('CPUWeight', count(value))];
    case 'cpu.max':
      return cpuMax(value);
    case 'cpuset.cpus':
      return [maskProperty('AllowedCPUs', value)];
    case 'cpuset.mems':
      return [maskProperty('AllowedMemoryNodes', value)];
    case 'pids.max':
      return [tasksMaxProperty(countOrMax(value))];
    default:
      return [];
  }
}

/** `50000 100000`, `max`. */
function cpuMax(value: string): UnitProperty[] {
  const [quota = '', period = '100000', ...more] = value.split(/\s+/);
  if (more.length > 0) throw new RuntimeError(`invalid value ${JSON.stringify(value)}`);
  return cpuQuotaProperties({ quota: quota === 'max' ? 0 : count(quota), period: count(period) });
}

const countOrMax = (value: string): bigint => (value === 'max' ? INFINITY : count(value));

function count(value: string): bigint {
  if (/^\d+$/.test(value)) return BigInt(value);
  throw new RuntimeError(`invalid number ${JSON.stringify(value)}`);
}
