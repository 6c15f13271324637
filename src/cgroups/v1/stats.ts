import { parseCpuList } from '../../config/cpu-list.ts';
import { hugepageSizes } from '../usage/hugepage-sizes.ts';
import { readCount, readIfThere, readKeyed, withoutEmpty } from '../usage/read-counts.ts';
import type {
  CgroupStats,
  CpusetStats,
  HugetlbStats,
  MemoryEntry,
  MemoryStats,
} from '../usage/stats.ts';
import { readBlkio } from './blkio-stats.ts';
import { readCpu } from './cpu-stats.ts';

/** The container's directory for a controller; undefined without one. */
type FindDirectory = (controller: string) => string | undefined;

export function readStatsV1(find: FindDirectory): CgroupStats {
  const [cpuset, memory, pids] = [find('cpuset'), find('memory'), find('pids')];
  const [blkio, hugetlb] = [find('blkio'), find('hugetlb')];
  return {
    cpu: readCpu(find('cpu'), find('cpuacct')),
    cpuset: readCpuset(cpuset),
    memory: memory === undefined ? {} : readMemory(memory),
    pids: pids === undefined ? {} : readPidsStats(pids),
    blkio: blkio === undefined ? {} : readBlkio(blkio),
    hugetlb: hugetlb === undefined ? {} : readHugetlb(hugetlb),
    intel_rdt: {},
    network_interfaces: null,
  };
}

/** pids.current and pids.max, the same in v1 and v2; no limit counts as 0. */
export function readPidsStats(dir: string): CgroupStats['pids'] {
  const limit = readIfThere(dir, 'pids.max')?.trim();
  return withoutEmpty({
    current: readCount(dir, 'pids.current'),
    limit: limit === 'max' ? 0 : Number(limit ?? 0),
  });
}

function readCpuset(dir: string | undefined): CpusetStats {
  const read = (name: string): string | undefined =>
    dir === undefined ? undefined : readIfThere(dir, `cpuset.${name}`);
  const flag = (name: string): number => Number(read(name) ?? 0);
  const list = (name: string): number[] => parseCpuList(read(name) ?? '') ?? [];
  return {
    ...withoutEmpty({ cpus: list('cpus') }),
    cpu_exclusive: flag('cpu_exclusive'),
    ...withoutEmpty({ mems: list('mems') }),
    mem_hardwall: flag('mem_hardwall'),
    mem_exclusive: flag('mem_exclusive'),
    memory_migrate: flag('memory_migrate'),
    memory_spread_page: flag('memory_spread_page'),
    memory_spread_slab: flag('memory_spread_slab'),
    memory_pressure: flag('memory_pressure'),
    sched_load_balance: flag('sched_load_balance'),
    sched_relax_domain_level: flag('sched_relax_domain_level'),
  };
}

function readMemory(dir: string): MemoryStats {
  const raw = readKeyed(dir, 'memory.stat');
  if (Object.keys(raw).length === 0) return {};
  return withoutEmpty({
    cache: raw.cache,
    usage: readEntry(dir, 'memory'),
    swap: readEntry(dir, 'memory.memsw'),
    kernel: readEntry(dir, 'memory.kmem'),
    kernelTCP: readEntry(dir, 'memory.kmem.tcp'),
    raw,
  });
}

function readEntry(dir: string, prefix: string): MemoryEntry | undefined {
  const usage = readCount(dir, `${prefix}.usage_in_bytes`);
  if (usage === undefined) return undefined;
  return {
    limit: readCount(dir, `${prefix}.limit_in_bytes`) ?? 0,
    ...withoutEmpty({ usage, max: readCount(dir, `${prefix}.max_usage_in_bytes`) }),
    failcnt: readCount(dir, `${prefix}.failcnt`) ?? 0,
  };
}

function readHugetlb(dir: string): Record<string, HugetlbStats> {
  const stats: Record<string, HugetlbStats> = {};
  for (const size of hugepageSizes()) {
    const reserved = `hugetlb.${size}.rsvd`;
    const prefix = readIfThere(dir, `${reserved}.failcnt`) ? reserved : `hugetlb.${size}`;
    stats[size] = {
      ...withoutEmpty({
        usage: readCount(dir, `${prefix}.usage_in_bytes`),
        max: readCount(dir, `${prefix}.max_usage_in_bytes`),
      }),
      failcnt: readCount(dir, `${prefix}.failcnt`) ?? 0,
    };
  }
  return stats;
}
