/** A 64-bit count: a bigint only when a number cannot hold it exactly. */
export type Count = number | bigint;

/**
 * A container's use of resources, as `runc events --stats` prints it under `data`
 * (types/events.go): absent counts are 0, times are in nanoseconds, sizes in bytes.
 */
export interface CgroupStats {
  cpu: CpuStats;
  cpuset: CpusetStats;
  memory: MemoryStats;
  pids: { current?: Count; limit?: Count };
  blkio: BlkioStats;
  /** By page size: `2MB`. */
  hugetlb: Record<string, HugetlbStats>;
  /** Not from a cgroup: see resctrl/resctrl-stats.ts. */
  intel_rdt: object;
  network_interfaces: null;
}

export interface CpuStats {
  usage?: {
    total?: Count;
    percpu?: Count[];
    percpu_kernel?: Count[];
    percpu_user?: Count[];
    kernel: Count;
    user: Count;
  };
  throttling?: { periods?: Count; throttledPeriods?: Count; throttledTime?: Count };
  psi?: Pressure;
}

export interface CpusetStats {
  cpus?: number[];
  cpu_exclusive: number;
  mems?: number[];
  mem_hardwall: number;
  mem_exclusive: number;
  memory_migrate: number;
  memory_spread_page: number;
  memory_spread_slab: number;
  memory_pressure: number;
  sched_load_balance: number;
  sched_relax_domain_level: number;
}

export interface MemoryEntry {
  limit: Count;
  usage?: Count;
  max?: Count;
  failcnt: Count;
}

export interface MemoryStats {
  cache?: Count;
  usage?: MemoryEntry;
  swap?: MemoryEntry;
  kernel?: MemoryEntry;
  kernelTCP?: MemoryEntry;
  /** memory.stat. */
  raw?: Record<string, Count>;
  psi?: Pressure;
}

export interface BlkioEntry {
  major?: number;
  minor?: number;
  op?: string;
  value?: Count;
}

export interface BlkioStats {
  ioServiceBytesRecursive?: BlkioEntry[];
  ioServicedRecursive?: BlkioEntry[];
  ioQueueRecursive?: BlkioEntry[];
  ioServiceTimeRecursive?: BlkioEntry[];
  ioWaitTimeRecursive?: BlkioEntry[];
  ioMergedRecursive?: BlkioEntry[];
  ioTimeRecursive?: BlkioEntry[];
  sectorsRecursive?: BlkioEntry[];
  psi?: Pressure;
}

export interface HugetlbStats {
  usage?: Count;
  max?: Count;
  failcnt: Count;
}

export interface PressureLine {
  avg10: number;
  avg60: number;
  avg300: number;
  total: Count;
}

/** Documentation/accounting/psi.rst. */
export interface Pressure {
  some?: PressureLine;
  full?: PressureLine;
}
