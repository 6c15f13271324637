import { readPids } from '../processes.ts';
import { unlessGone } from '../unless-gone.ts';
import { hugepageSizes } from '../usage/hugepage-sizes.ts';
import {
  NO_LIMIT,
  parseCount,
  readCount,
  readIfThere,
  readKeyed,
  withoutEmpty,
} from '../usage/read-counts.ts';
import type {
  BlkioEntry,
  BlkioStats,
  CgroupStats,
  Count,
  CpuStats,
  HugetlbStats,
  MemoryEntry,
  MemoryStats,
} from '../usage/stats.ts';
import { readPidsStats } from '../v1/stats.ts';
import { readPressure } from './pressure.ts';

export function readStatsV2(dir: string): CgroupStats {
  return {
    cpu: readCpu(dir),
    cpuset: NO_CPUSET,
    memory: readMemory(dir),
    pids: readPidsOf(dir),
    blkio: readIo(dir),
    hugetlb: readHugetlb(dir),
    intel_rdt: {},
    network_interfaces: null,
  };
}

/** runc fills in cpusets only for v1. */
const NO_CPUSET: CgroupStats['cpuset'] = {
  cpu_exclusive: 0,
  mem_hardwall: 0,
  mem_exclusive: 0,
  memory_migrate: 0,
  memory_spread_page: 0,
  memory_spread_slab: 0,
  memory_pressure: 0,
  sched_load_balance: 0,
  sched_relax_domain_level: 0,
};

/** Without the pids controller, counts the processes. */
function readPidsOf(dir: string): CgroupStats['pids'] {
  if (readIfThere(dir, 'pids.current') !== undefined) return readPidsStats(dir);
  return unlessGone(() => withoutEmpty({ current: readPids(dir).length })) ?? {};
}

/** cpu.stat counts in microseconds. */
function readCpu(dir: string): CpuStats {
  const stat = readKeyed(dir, 'cpu.stat');
  const [total, user = 0, kernel = 0] = [stat.usage_usec, stat.user_usec, stat.system_usec].map(
    (value) => nanoseconds(value ?? 0),
  );
  const throttling = withoutEmpty({
    periods: stat.nr_periods,
    throttledPeriods: stat.nr_throttled,
    throttledTime: nanoseconds(stat.throttled_usec ?? 0),
  });
  return {
    ...(Number(total) > 0 && { usage: { ...withoutEmpty({ total }), kernel, user } }),
    ...(Object.keys(throttling).length > 0 && { throttling }),
    ...readPressure(dir, 'cpu.pressure'),
  };
}

const nanoseconds = (microseconds: Count): Count =>
  parseCount(String(BigInt(microseconds) * 1000n));

/** As in v1, `swap` is memory and swap together. */
function readMemory(dir: string): MemoryStats {
  const raw = readKeyed(dir, 'memory.stat');
  if (Object.keys(raw).length === 0) return {};
  const usage = readEntry(dir, 'memory');
  const swap = readEntry(dir, 'memory.swap');
  return {
    ...withoutEmpty({ cache: raw.file, usage, swap: swap && usage && together(swap, usage), raw }),
    ...readPressure(dir, 'memory.pressure'),
  };
}

function readEntry(dir: string, prefix: string): MemoryEntry | undefined {
  const usage = readCount(dir, `${prefix}.current`);
  if (usage === undefined) return undefined;
  return {
    limit: readCount(dir, `${prefix}.max`) ?? 0,
    ...withoutEmpty({ usage, max: readCount(dir, `${prefix}.peak`) }),
    failcnt: 0,
  };
}

/** Without a peak: memory and swap need not have peaked at the same time. */
function together(swap: MemoryEntry, memory: MemoryEntry): MemoryEntry {
  const add = (a: Count = 0, b: Count = 0): Count => parseCount(String(BigInt(a) + BigInt(b)));
  const limited = swap.limit !== NO_LIMIT && memory.limit !== NO_LIMIT;
  return {
    limit: limited ? add(swap.limit, memory.limit) : NO_LIMIT,
    ...withoutEmpty({ usage: add(swap.usage, memory.usage) }),
    failcnt: 0,
  };
}

const IO_COLUMNS: Record<
  string,
  { table: 'ioServiceBytesRecursive' | 'ioServicedRecursive'; op: string }
> = {
  rbytes: { table: 'ioServiceBytesRecursive', op: 'Read' },
  wbytes: { table: 'ioServiceBytesRecursive', op: 'Write' },
  rios: { table: 'ioServicedRecursive', op: 'Read' },
  wios: { table: 'ioServicedRecursive', op: 'Write' },
};

/** io.stat: `254:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0`. */
function readIo(dir: string): BlkioStats {
  const stats = {
    ioServiceBytesRecursive: [] as BlkioEntry[],
    ioServicedRecursive: [] as BlkioEntry[],
  };
  for (const line of (readIfThere(dir, 'io.stat') ?? '').trim().split('\n')) {
    const [device = '', ...columns] = line.split(' ');
    const [major, minor] = device.split(':').map(Number);
    for (const column of columns) {
      const [name = '', value = ''] = column.split('=');
      const { table, op } = IO_COLUMNS[name] ?? {};
      if (table)
        stats[table].push(
          withoutEmpty({ major, minor, op, value: parseCount(value) }) as BlkioEntry,
        );
    }
  }
  return { ...withoutEmpty(stats), ...readPressure(dir, 'io.pressure') };
}

function readHugetlb(dir: string): Record<string, HugetlbStats> {
  const stats: Record<string, HugetlbStats> = {};
  for (const size of hugepageSizes()) {
    const reserved = readCount(dir, `hugetlb.${size}.rsvd.current`);
    const usage = reserved ?? readCount(dir, `hugetlb.${size}.current`);
    if (usage === undefined) continue;
    const failcnt = readKeyed(dir, `hugetlb.${size}.events`).max ?? 0;
    stats[size] = { ...withoutEmpty({ usage }), failcnt };
  }
  return stats;
}
