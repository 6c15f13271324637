import type { Hint } from './hint.ts';

export const resourceHints: readonly Hint[] = [
  {
    says: /could not join or create cgroup/,
    hint: 'its controller is not mounted, or its cgroup not delegated to you',
  },
  {
    stage: 'attachCgroup',
    code: 'EINVAL',
    says: /^write \S+ to \S*\/cpu(,cpuacct)?\//,
    hint: 'davit runs with a real-time policy, which its cgroup has no time for: set linux.resources.cpu.realtimeRuntime, or leave out chrt',
  },
  {
    stage: 'setScheduler',
    code: 'EPERM',
    hint: 'a real-time policy takes CAP_SYS_NICE and, on cgroup v1, linux.resources.cpu.realtimeRuntime',
  },
  {
    field: 'linux.resources.devices',
    code: 'EPERM',
    hint: 'the cgroup above does not allow it: that of the container davit runs in, for one',
  },
  {
    field: 'linux.resources.cpu.cpus',
    hint: 'cpuset.cpus of the cgroup above lists the CPUs there are',
  },
  {
    field: 'linux.resources.cpu.mems',
    hint: 'cpuset.mems of the cgroup above lists the nodes there are',
  },
  {
    field: 'linux.resources.cpu',
    code: 'EINVAL',
    hint: 'a period is 1000 to 1000000 microseconds, a quota at least 1000',
  },
  {
    says: /cgroup is not empty/,
    hint: 'another container has it: leave linux.cgroupsPath out, or make it unique',
  },
  {
    says: /systemd not running/,
    hint: 'leave out --systemd-cgroup: the cgroup driver of the engine must be cgroupfs',
  },
  {
    stage: 'createCgroup',
    code: ['EACCES', 'EPERM', 'EROFS'],
    hint: 'leave out linux.cgroupsPath, or name a cgroup that is delegated to you',
  },
];
