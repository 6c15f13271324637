import { create } from '@bufbuild/protobuf';
import type {
  BlkioEntry,
  CgroupStats,
  CpuStats,
  MemoryEntry,
} from '../../../cgroups/usage/stats.ts';
import { MemoryStatSchema, type Metrics, MetricsSchema } from '../protocol/metrics-v1_pb.ts';
import { memoryFields } from './memory-fields.ts';
import { counts, uint64 } from './uint64.ts';

/** The statistics of a container in containerd's form for cgroup v1. */
export function metricsV1({ cpu, memory, pids, blkio, hugetlb }: CgroupStats): Metrics {
  return create(MetricsSchema, {
    hugetlb: Object.entries(hugetlb).map(([pagesize, entry]) => ({ pagesize, ...counts(entry) })),
    pids: counts(pids),
    cpu: cpuOf(cpu),
    memory: memoryOf(memory),
    blkio: {
      ioServiceBytesRecursive: entriesOf(blkio.ioServiceBytesRecursive),
      ioServicedRecursive: entriesOf(blkio.ioServicedRecursive),
      ioQueuedRecursive: entriesOf(blkio.ioQueueRecursive),
      ioServiceTimeRecursive: entriesOf(blkio.ioServiceTimeRecursive),
      ioWaitTimeRecursive: entriesOf(blkio.ioWaitTimeRecursive),
      ioMergedRecursive: entriesOf(blkio.ioMergedRecursive),
      ioTimeRecursive: entriesOf(blkio.ioTimeRecursive),
      sectorsRecursive: entriesOf(blkio.sectorsRecursive),
    },
  });
}

function cpuOf({ usage, throttling }: CpuStats) {
  const perCpu = usage?.percpu?.map(uint64) ?? [];
  return { usage: { ...counts(usage ?? {}), perCpu }, throttling: counts(throttling ?? {}) };
}

function memoryOf({ raw = {}, usage, swap, kernel, kernelTCP }: CgroupStats['memory']) {
  const entries = { usage, swap, kernel, kernelTcp: kernelTCP };
  const there = Object.entries(entries).filter((entry): entry is [string, MemoryEntry] =>
    Boolean(entry[1]),
  );
  return {
    ...memoryFields(MemoryStatSchema, raw),
    ...(raw.hierarchical_memsw_limit !== undefined && {
      hierarchicalSwapLimit: uint64(raw.hierarchical_memsw_limit),
    }),
    ...Object.fromEntries(there.map(([name, entry]) => [name, counts(entry)])),
  };
}

const entriesOf = (entries: readonly BlkioEntry[] = []) =>
  entries.map(({ op = '', major = 0, minor = 0, value = 0 }) => ({
    op,
    ...counts({ major, minor, value }),
  }));
