import { existsSync } from 'node:fs';

const V1 = {
  memory: 'memory/memory.limit_in_bytes',
  quota: 'cpu/cpu.cfs_quota_us',
  pids: 'pids/pids.max',
  cpus: 'cpuset/cpuset.cpus',
};
const V2 = { memory: 'memory.max', quota: 'cpu.max', pids: 'pids.max', cpus: 'cpuset.cpus' };

const files = existsSync('/sys/fs/cgroup/cgroup.controllers') ? V2 : V1;

/** Files that hold the limits of a container, as the container sees them. */
export const cgroupFiles = {
  memory: `/sys/fs/cgroup/${files.memory}`,
  quota: `/sys/fs/cgroup/${files.quota}`,
  pids: `/sys/fs/cgroup/${files.pids}`,
  cpus: `/sys/fs/cgroup/${files.cpus}`,
};
