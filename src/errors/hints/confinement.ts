import type { Hint } from './hint.ts';

export const confinementHints: readonly Hint[] = [
  {
    field: 'linux.seccomp.listenerPath',
    hint: 'the seccomp agent must listen there before the container is created',
  },
  {
    stage: 'installSeccomp',
    syscall: 'capset',
    hint: 'without process.noNewPrivileges the filter has to allow capset, read and write, too',
  },
  {
    field: 'process.apparmorProfile',
    code: 'ENOENT',
    hint: 'no such profile is loaded: apparmor_parser --replace FILE loads it, aa-status lists those there are',
  },
  {
    field: 'process.apparmorProfile',
    code: ['EACCES', 'EPERM'],
    hint: 'the profile that davit itself runs under does not let it change to that one',
  },
  {
    field: 'process.apparmorProfile',
    says: /not supported/,
    hint: 'leave the profile out, or boot the host with AppArmor',
  },
  {
    field: 'process.selinuxLabel',
    code: 'EINVAL',
    hint: "the host's policy has no such context: USER:ROLE:TYPE:LEVEL, such as system_u:system_r:container_t:s0:c1,c2",
  },
  {
    field: 'linux.devices',
    code: 'ENOENT',
    hint: 'in a user namespace devices are bound from the host, which needs to have them',
  },
  {
    field: 'process.rlimits',
    code: 'EPERM',
    hint: 'above the own hard limit only root of the host may go, and with files nobody above fs.nr_open',
  },
  {
    field: 'process.oomScoreAdj',
    code: 'EACCES',
    hint: "only root of the host may set it below davit's own",
  },
  {
    stage: 'setMemoryPolicy',
    code: 'EINVAL',
    hint: '/sys/devices/system/node/online lists the nodes there are',
  },
];
