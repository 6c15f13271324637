import { existsSync } from 'node:fs';
import type { LinuxResources } from '../../../src/config/types.ts';
import type { Bundle, TestSpec } from '../../support/bundle.ts';
import type { Mistake, Theme } from './mistake.ts';

const limiting =
  (resources: LinuxResources) =>
  (spec: TestSpec): void => {
    spec.linux.resources = resources;
  };

/** Runs the bundle while another process is in the container's devices cgroup. */
const whereOccupied = (bundle: Bundle) => {
  const script = `d=/sys/fs/cgroup/devices/$0; mkdir -p $d; sleep 60 & p=$!; echo $p > $d/cgroup.procs
    "$@"; s=$?; kill $p; wait $p; rmdir $d; exit $s`;
  const { id, dir, root, binary } = bundle;
  return bundle.command('sh', '-c', script, id, binary, '--root', root, 'run', '--bundle', dir, id);
};

/** Runs the bundle in a cgroup that may not use one of the devices. */
const whereTunIsDenied = (bundle: Bundle) => {
  const script = `d=/sys/fs/cgroup/devices/$0-outer; mkdir $d; echo c 10:200 rwm > $d/devices.deny
    "$@"; s=$?; rmdir /sys/fs/cgroup/*/$0-outer; exit $s`;
  const { id, dir, root, binary } = bundle;
  return bundle.command('sh', '-c', script, id, binary, '--root', root, 'run', '--bundle', dir, id);
};

const inRealtime = (bundle: Bundle) => {
  const { id, dir, root, binary } = bundle;
  return bundle.command('chrt', '-f', '50', binary, '--root', root, 'run', '--bundle', dir, id);
};

/** The reason to skip tests that need realtime limits, or false: sched-rt-group.rst. */
const needsRealtimeGroups =
  !existsSync('/sys/fs/cgroup/cpu/cpu.rt_runtime_us') &&
  'needs cgroup v1 and a kernel with CONFIG_RT_GROUP_SCHED';

/** Files of cgroup v1 that the root cgroup has since Linux 5.14. */
const needsBursts =
  !existsSync('/sys/fs/cgroup/cpu/cpu.cfs_burst_us') && 'needs cgroup v1 and a kernel with bursts';

const mistakes: Mistake[] = [
  {
    name: 'a memory limit that no program fits in',
    spec: limiting({ memory: { limit: 4096 } }),
    davit: { stage: 'startWait', field: 'linux.resources.memory.limit' },
  },
  {
    name: 'a program that needs more memory than its limit',
    spec: (spec) => {
      limiting({ memory: { limit: 16 << 20, swap: 16 << 20 } })(spec);
      spec.process.args = ['sh', '-c', 'x=a; while :; do x=$x$x; done'];
    },
    davit: { stage: 'program', field: 'linux.resources.memory.limit', status: 137 },
  },
  {
    name: 'a limit of memory and swap below that of memory alone',
    spec: limiting({ memory: { limit: 64 << 20, swap: 32 << 20 } }),
    davit: { stage: 'validateConfig', field: 'linux.resources.memory.swap' },
  },
  {
    name: 'a limit of one process for a shell that starts another',
    spec: (spec) => {
      limiting({ pids: { limit: 1 } })(spec);
      spec.process.args = ['sh', '-c', 'true | cat'];
    },
    davit: {
      stage: 'program',
      field: 'linux.resources.pids.limit',
      status: 2,
      hint: /level=warning msg="linux\.resources\.pids\.limit: the program could not create a process/,
    },
  },
  {
    name: 'a CPU that the machine does not have',
    spec: limiting({ cpu: { cpus: '0,9999' } }),
    davit: {
      stage: 'createCgroup',
      field: 'linux.resources.cpu.cpus',
      syscall: 'write',
      errno: 'ERANGE',
      hint: /cpuset\.cpus of the cgroup/,
    },
  },
  {
    name: 'a NUMA node for memory that the machine does not have',
    spec: limiting({ cpu: { mems: '9' } }),
    davit: {
      stage: 'createCgroup',
      field: 'linux.resources.cpu.mems',
      syscall: 'write',
      errno: 'EINVAL',
      hint: /cpuset\.mems of the cgroup/,
    },
  },
  {
    name: 'a CPU period that is too short',
    spec: limiting({ cpu: { period: 100, quota: 100 } }),
    davit: {
      stage: 'limitResources',
      field: 'linux.resources.cpu.quota',
      syscall: 'write',
      errno: 'EINVAL',
      hint: /the period must be 1000/,
    },
  },
  {
    name: 'a CPU quota is lowered below the burst',
    spec: (spec) => {
      spec.process.args = ['sleep', '1000'];
      limiting({ cpu: { quota: 50_000, burst: 20_000 } })(spec);
    },
    skip: needsBursts,
    attempt: (bundle) => {
      bundle.runDetached();
      return bundle.runtime('update', '--cpu-quota', '10000', bundle.id);
    },
    davit: {
      stage: 'limitResources',
      field: 'linux.resources.cpu.quota',
      syscall: 'write',
      errno: 'EINVAL',
      hint: /at least the burst/,
    },
  },
  {
    name: 'a runtime with a real-time policy, and a cgroup that gets no such time',
    attempt: inRealtime,
    skip: needsRealtimeGroups,
    davit: {
      stage: 'attachCgroup',
      syscall: 'write',
      errno: 'EINVAL',
      hint: /set linux\.resources\.cpu\.realtimeRuntime, or/,
    },
  },
  {
    name: 'a real-time policy in a cgroup that gets no such time',
    spec: (spec) => {
      spec.process.scheduler = { policy: 'SCHED_FIFO', priority: 5 };
    },
    skip: needsRealtimeGroups,
    davit: {
      stage: 'setScheduler',
      field: 'process.scheduler',
      syscall: 'sched_setattr',
      errno: 'EPERM',
      hint: /linux\.resources\.cpu\.realtimeRuntime\)$/,
    },
  },
  {
    name: 'a size of huge pages that the machine does not have',
    spec: limiting({ hugepageLimits: [{ pageSize: '3MB', limit: 0 }] }),
    davit: {
      stage: 'limitResources',
      field: 'linux.resources.hugepageLimits',
      hint: /its controller is not/,
    },
  },
  {
    name: 'a setting of cgroup v2, on cgroup v1',
    spec: limiting({ unified: { 'memory.high': '1048576' } }),
    davit: { stage: 'validateConfig', field: 'linux.resources.unified' },
  },
  {
    name: 'a letter that no device access has',
    spec: limiting({ devices: [{ allow: true, type: 'c', major: 1, minor: 3, access: 'rx' }] }),
    davit: { stage: 'validateConfig', field: 'linux.resources.devices[0].access' },
  },
  {
    name: 'the cgroup above does not allow a device',
    spec: (spec, { id }) => {
      spec.linux.cgroupsPath = `/${id}-outer/inner`;
      limiting({ devices: [{ allow: true, type: 'c', major: 10, minor: 200, access: 'rwm' }] })(
        spec,
      );
    },
    attempt: whereTunIsDenied,
    davit: {
      stage: 'limitResources',
      field: 'linux.resources.devices',
      syscall: 'write',
      errno: 'EPERM',
      hint: /a cgroup above does not allow these devices/,
    },
  },
  {
    name: 'the cgroup has processes already',
    spec: (spec, { id }) => {
      spec.linux.cgroupsPath = `/${id}`;
    },
    attempt: whereOccupied,
    davit: { stage: 'createCgroup', field: 'linux.cgroupsPath', hint: /another container has it:/ },
  },
  {
    name: 'systemd is to make the cgroup, and does not run',
    attempt: (bundle) =>
      bundle.runtime('--systemd-cgroup', 'run', '--bundle', bundle.dir, bundle.id),
    davit: { stage: 'createCgroup', hint: /leave out --systemd-cgroup: the/ },
  },
  {
    name: 'Intel RDT, on a machine without',
    spec: (spec) => {
      spec.linux.intelRdt = { l3CacheSchema: 'L3:0=f' };
    },
    davit: { stage: 'validateConfig', field: 'linux.intelRdt' },
  },
];

export const resources: Theme = { name: 'Resources', mistakes };
