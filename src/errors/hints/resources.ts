import type { Hint } from './hint.ts';

/** tg_set_cfs_bandwidth in kernel/sched/core.c. */
const BANDWIDTH =
  'the period must be 1000 to 1000000 microseconds, and the quota at least 1000 and at least the burst; on cgroup v1 the cgroup above must allow as much';

export const resourceHints: readonly Hint[] = [
  {
    stage: 'createCgroup',
    field: 'linux.cgroupsPath',
    errno: ['EACCES', 'EPERM', 'EROFS'],
    hint: 'leave out linux.cgroupsPath, or name a cgroup that is delegated to you',
  },
  {
    stage: 'createCgroup',
    syscall: ['mkdir', 'write'],
    errno: ['EACCES', 'EPERM', 'EROFS'],
    hint: 'the cgroup that davit runs in must be writable, or be delegated to you',
  },
  {
    stage: ['setScheduler', 'setSchedulerAfterFork'],
    errno: 'EPERM',
    hint: 'a real-time policy needs CAP_SYS_NICE and, on cgroup v1, linux.resources.cpu.realtimeRuntime',
  },
  {
    stage: 'limitResources',
    field: 'linux.resources.devices',
    syscall: 'write',
    errno: 'EPERM',
    hint: 'a cgroup above does not allow these devices, for example the cgroup of a container that davit runs in',
  },
  {
    stage: ['createCgroup', 'limitResources'],
    field: 'linux.resources.cpu.cpus',
    syscall: 'write',
    errno: ['EINVAL', 'ERANGE', 'EACCES', 'ENOSPC'],
    hint: 'cpuset.cpus of the cgroup above lists the CPUs that may be used',
  },
  {
    stage: ['createCgroup', 'limitResources'],
    field: 'linux.resources.cpu.mems',
    syscall: 'write',
    errno: ['EINVAL', 'ERANGE', 'EACCES', 'ENOSPC'],
    hint: 'cpuset.mems of the cgroup above lists the memory nodes that may be used',
  },
  {
    stage: 'limitResources',
    field: 'linux.resources.cpu.period',
    errno: 'EINVAL',
    hint: BANDWIDTH,
  },
  {
    stage: 'limitResources',
    field: 'linux.resources.cpu.quota',
    errno: 'EINVAL',
    hint: BANDWIDTH,
  },
  {
    stage: 'limitResources',
    field: 'linux.resources.cpu.burst',
    errno: 'EINVAL',
    hint: 'the burst must not be larger than the quota',
  },
];
