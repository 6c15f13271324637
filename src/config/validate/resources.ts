import type { ConfigProblem } from '../../errors/config-error.ts';
import type { LinuxCPU, LinuxMemory } from '../types.ts';
import { Report } from './checks/report.ts';
import {
  boolean,
  int64,
  integer,
  list,
  map,
  object,
  or,
  stringThat,
  uint32,
  uint64,
} from './checks/shape.ts';
import { nonEmptyText, text } from './checks/text.ts';
import { deviceRules } from './devices.ts';

/** All problems of a `resources` object (`update --resources`). */
export function validateResources(value: unknown): ConfigProblem[] {
  const report = new Report('resources');
  resources(value, report);
  return report.problems;
}

const bytes = integer(-1, 2n ** 63n - 1n);

const memory = object<LinuxMemory>(
  {
    optional: {
      limit: bytes,
      reservation: bytes,
      swap: bytes,
      kernel: int64,
      kernelTCP: int64,
      swappiness: integer(0, 100),
      disableOOMKiller: boolean,
      useHierarchy: boolean,
      checkBeforeUpdate: boolean,
    },
  },
  ({ limit = 0, swap = 0 }, report) => {
    if (limit > 0 && swap > 0 && swap < limit) {
      report.add(swap, `at least memory.limit, ${limit}: it is memory and swap together`, 'swap');
    }
  },
);

const cpu = object<LinuxCPU>(
  {
    optional: {
      shares: uint64,
      quota: int64,
      burst: uint64,
      period: uint64,
      realtimeRuntime: int64,
      realtimePeriod: uint64,
      cpus: text,
      mems: text,
      idle: integer(0, 1),
    },
  },
  ({ quota = 0, burst = 0 }, report) => {
    if (quota > 0 && burst > quota) report.add(burst, `at most cpu.quota, ${quota}`, 'burst');
  },
);

const weight = or(0, integer(10, 1000));
// include/linux/kdev_t.h.
const device = { major: integer(0, 2 ** 32 - 1), minor: integer(0, 2 ** 32 - 1) };
const throttles = list(object({ required: { ...device, rate: uint64 } }));

const blockIO = object({
  optional: {
    weight,
    leafWeight: weight,
    weightDevice: list(object({ required: device, optional: { weight, leafWeight: weight } })),
    throttleReadBpsDevice: throttles,
    throttleWriteBpsDevice: throttles,
    throttleReadIOPSDevice: throttles,
    throttleWriteIOPSDevice: throttles,
  },
});

const hugepageLimit = object({
  required: {
    pageSize: stringThat('a size such as 64KB, 2MB or 1GB', (size) =>
      /^[1-9]\d*[KMG]B$/.test(size),
    ),
    limit: uint64,
  },
});

const network = object({
  optional: {
    classID: uint32,
    priorities: list(object({ required: { name: nonEmptyText, priority: uint32 } })),
  },
});

// The names become file names below the container's cgroup.
const cgroupFile = (name: string) =>
  /^[^/\0]+\.[^/\0]+$/.test(name) ? undefined : 'the name of a cgroup v2 file, such as memory.high';

/** `linux.resources`: config-linux.md, "Control groups". */
export const resources = object({
  optional: {
    devices: deviceRules,
    memory,
    cpu,
    pids: object({ optional: { limit: int64 } }),
    blockIO,
    hugepageLimits: list(hugepageLimit),
    network,
    rdma: map(object({ optional: { hcaHandles: uint32, hcaObjects: uint32 } })),
    unified: map(text, cgroupFile),
  },
});
