import { create } from '@bufbuild/protobuf';
import { NO_LIMIT } from '../../../cgroups/usage/read-counts.ts';
import type {
  BlkioStats,
  CgroupStats,
  Count,
  CpuStats,
  MemoryStats,
  Pressure,
  PressureLine,
} from '../../../cgroups/usage/stats.ts';
import { MemoryStatSchema, type Metrics, MetricsSchema } from '../protocol/metrics-v2_pb.ts';
import { memoryFields } from './memory-fields.ts';
import { counts, uint64 } from './uint64.ts';

/** The statistics of a container in containerd's form for cgroup v2. */
export function metricsV2({ cpu, memory, pids, blkio, hugetlb }: CgroupStats): Metrics {
  return create(MetricsSchema, {
    pids: counts(pids),
    cpu: cpuOf(cpu),
    memory: memoryOf(memory),
    io: { usage: ioOf(blkio), ...pressureOf(blkio.psi) },
    hugetlb: Object.entries(hugetlb).map(([pagesize, { usage, max, failcnt }]) => ({
      pagesize,
      ...counts({ current: usage, max, failcnt }),
    })),
  });
}

function cpuOf({ usage, throttling, psi }: CpuStats) {
  return {
    usageUsec: microseconds(usage?.total),
    userUsec: microseconds(usage?.user),
    systemUsec: microseconds(usage?.kernel),
    nrPeriods: uint64(throttling?.periods),
    nrThrottled: uint64(throttling?.throttledPeriods),
    throttledUsec: microseconds(throttling?.throttledTime),
    ...pressureOf(psi),
  };
}

const microseconds = (nanoseconds: Count = 0): bigint => BigInt(nanoseconds) / 1000n;

/** davit's `swap` is memory and swap together, as runc's. */
function memoryOf({ raw = {}, usage, swap, psi }: MemoryStats) {
  return {
    ...memoryFields(MemoryStatSchema, raw),
    ...counts({ usage: usage?.usage, usageLimit: usage?.limit, maxUsage: usage?.max }),
    swapUsage: uint64(swap?.usage) - (swap ? uint64(usage?.usage) : 0n),
    swapLimit: swapLimit(swap?.limit, usage?.limit),
    ...pressureOf(psi),
  };
}

function swapLimit(together: Count = 0, memory: Count = 0): bigint {
  const limit = uint64(together);
  return limit === NO_LIMIT || limit === 0n ? limit : limit - uint64(memory);
}

interface Io {
  major: number;
  minor: number;
  rbytes: bigint;
  wbytes: bigint;
  rios: bigint;
  wios: bigint;
}

function ioOf({ ioServiceBytesRecursive = [], ioServicedRecursive = [] }: BlkioStats) {
  const devices = new Map<string, Io>();
  const add = (
    { major = 0, minor = 0, value }: (typeof ioServicedRecursive)[number],
    field: 'rbytes' | 'wbytes' | 'rios' | 'wios',
  ) => {
    const name = `${major}:${minor}`;
    const none = { major, minor, rbytes: 0n, wbytes: 0n, rios: 0n, wios: 0n };
    devices.set(name, { ...(devices.get(name) ?? none), [field]: uint64(value) });
  };
  for (const entry of ioServiceBytesRecursive)
    add(entry, entry.op === 'Read' ? 'rbytes' : 'wbytes');
  for (const entry of ioServicedRecursive) add(entry, entry.op === 'Read' ? 'rios' : 'wios');
  return [...devices.values()].map(({ major, minor, ...io }) => ({
    ...counts({ major, minor }),
    ...io,
  }));
}

function pressureOf(psi: Pressure | undefined) {
  if (!psi) return {};
  const line = (given: PressureLine) => ({ ...given, total: uint64(given.total) });
  const { some, full } = psi;
  return { psi: { ...(some && { some: line(some) }), ...(full && { full: line(full) }) } };
}
