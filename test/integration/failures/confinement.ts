import { existsSync } from 'node:fs';
import type { TestSpec } from '../../support/bundle.ts';
import type { Mistake, Theme } from './mistake.ts';

const needsNoAppArmor = existsSync('/sys/kernel/security/apparmor') && 'the host runs AppArmor';
const needsNoSelinux = existsSync('/sys/fs/selinux/enforce') && 'the host runs SELinux';

const denying =
  (...names: string[]) =>
  (spec: TestSpec): void => {
    spec.linux.seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names, action: 'SCMP_ACT_ERRNO', errnoRet: 1 }],
    };
  };

const mistakes: Mistake[] = [
  {
    name: 'seccomp refuses to execute the program',
    spec: denying('execve'),
    davit: {
      stage: 'exec',
      field: 'process.args[0]',
      syscall: 'execve',
      errno: 'EPERM',
      hint: /linux\.seccomp must allow execve/,
    },
  },
  {
    name: 'seccomp allows nothing at all',
    spec: (spec) => {
      spec.linux.seccomp = { defaultAction: 'SCMP_ACT_ERRNO' };
    },
    davit: { stage: 'exec', field: 'linux.seccomp', hint: /the filter must allow execve/ },
  },
  {
    name: 'seccomp kills the program at its first steps',
    spec: (spec) => {
      spec.linux.seccomp = {
        defaultAction: 'SCMP_ACT_KILL_PROCESS',
        syscalls: [{ names: ['execve'], action: 'SCMP_ACT_ALLOW' }],
      };
    },
    davit: { stage: 'program', field: 'linux.seccomp', status: 159 },
  },
  {
    name: 'seccomp, without noNewPrivileges, refuses what giving up privileges takes',
    spec: (spec) => {
      spec.process.noNewPrivileges = false;
      spec.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['capset'], action: 'SCMP_ACT_ERRNO' }],
      };
    },
    davit: {
      ...{ stage: 'installSeccomp', field: 'linux.seccomp', syscall: 'capset', errno: 'EPERM' },
      hint: /must allow capset/,
    },
  },
  {
    name: 'an unknown action of seccomp',
    spec: (spec) => {
      spec.linux.seccomp = { defaultAction: 'SCMP_ACT_DENY' as never };
    },
    davit: { stage: 'validateConfig', field: 'linux.seccomp.defaultAction' },
  },
  {
    name: 'seccomp’s agent does not listen',
    spec: (spec) => {
      spec.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        listenerPath: '/run/no-such-agent.sock',
        syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }],
      };
    },
    davit: { stage: 'exec', field: 'linux.seccomp.listenerPath', hint: /the seccomp agent must/ },
  },
  {
    name: 'an AppArmor profile, on a host without AppArmor',
    spec: (spec) => {
      spec.process.apparmorProfile = 'docker-default';
    },
    skip: needsNoAppArmor,
    davit: {
      stage: 'setProcessLabels',
      field: 'process.apparmorProfile',
      hint: /leave the profile out,/,
    },
  },
  {
    name: 'an SELinux label, on a host without SELinux',
    spec: (spec) => {
      spec.process.selinuxLabel = 'system_u:system_r:container_t:s0';
    },
    skip: needsNoSelinux,
    davit: { stage: 'validateConfig', field: 'process.selinuxLabel' },
  },
  {
    name: 'a device without its numbers',
    spec: (spec) => {
      spec.linux.devices = [{ path: '/dev/fuse', type: 'c' } as never];
    },
    davit: { stage: 'validateConfig', field: 'linux.devices[0].major' },
  },
  {
    name: 'a device whose place another file has',
    spec: (spec) => {
      spec.linux.devices = [{ path: '/etc/passwd', type: 'c', major: 1, minor: 3 }];
    },
    davit: { stage: 'devices', field: 'linux.devices[0]' },
  },
  {
    name: 'a soft limit above the hard one',
    spec: (spec) => {
      spec.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 2048, hard: 1024 }];
    },
    davit: { stage: 'validateConfig', field: 'process.rlimits[0].soft' },
  },
  {
    name: 'more open files than the kernel grants anybody',
    spec: (spec) => {
      spec.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 2 ** 40 }];
    },
    davit: {
      stage: 'setProcessLimits',
      field: 'process.rlimits[0]',
      syscall: 'prlimit',
      errno: 'EPERM',
      hint: /above davit.s own hard/,
    },
  },
  {
    name: 'an unknown rlimit',
    spec: (spec) => {
      spec.process.rlimits = [{ type: 'RLIMIT_NOFILES' as never, soft: 1024, hard: 1024 }];
    },
    davit: { stage: 'validateConfig', field: 'process.rlimits[0].type' },
  },
  {
    name: 'too little address space for any program',
    spec: (spec) => {
      spec.process.rlimits = [{ type: 'RLIMIT_AS', soft: 4096, hard: 4096 }];
    },
    davit: { stage: 'program', field: 'process.rlimits[0]', status: 139 },
  },
  {
    name: 'an OOM score out of range',
    spec: (spec) => {
      spec.process.oomScoreAdj = 5000;
    },
    davit: { stage: 'validateConfig', field: 'process.oomScoreAdj' },
  },
  {
    name: 'a deadline that the scheduler cannot promise',
    spec: (spec) => {
      spec.process.scheduler = {
        ...{ policy: 'SCHED_DEADLINE', runtime: 2_000_000, deadline: 1_000_000, period: 1_000_000 },
      };
    },
    davit: { stage: 'validateConfig', field: 'process.scheduler.runtime' },
  },
  {
    name: 'an unknown class of I/O priority',
    spec: (spec) => {
      spec.process.ioPriority = { class: 'IOPRIO_CLASS_NORMAL' as never, priority: 4 };
    },
    davit: { stage: 'validateConfig', field: 'process.ioPriority.class' },
  },
  {
    name: 'a NUMA node that the machine does not have',
    spec: (spec) => {
      spec.linux.memoryPolicy = { mode: 'MPOL_BIND', nodes: '63' };
    },
    davit: {
      stage: 'setMemoryPolicy',
      field: 'linux.memoryPolicy',
      syscall: 'set_mempolicy',
      errno: 'EINVAL',
      hint: /\/sys\/devices\/system\/node\/online lists the nodes/,
    },
  },
];

export const confinement: Theme = { name: 'Confinement', mistakes };
