import type { Hint } from './hint.ts';

export const confinementHints: readonly Hint[] = [
  {
    stage: ['installSeccomp', 'exec'],
    syscall: 'capset',
    errno: 'EPERM',
    hint: 'without process.noNewPrivileges the filter has to allow capset, read and write, too',
  },
  {
    stage: ['setProcessLabels', 'exec'],
    field: 'process.apparmorProfile',
    errno: 'ENOENT',
    hint: 'no such profile is loaded: apparmor_parser --replace FILE loads it, aa-status lists those there are',
  },
  {
    stage: ['setProcessLabels', 'exec'],
    field: 'process.apparmorProfile',
    errno: ['EACCES', 'EPERM'],
    hint: 'the profile that davit itself runs under does not let it change to that one',
  },
  {
    stage: ['joinSessionKeyring', 'setProcessLabels', 'exec'],
    field: 'process.selinuxLabel',
    errno: 'EINVAL',
    hint: "the host's policy has no such context: USER:ROLE:TYPE:LEVEL, such as system_u:system_r:container_t:s0:c1,c2",
  },
  {
    stage: 'setProcessLimits',
    field: 'process.rlimits',
    errno: 'EPERM',
    hint: 'above the own hard limit only root of the host may go, and with files nobody above fs.nr_open',
  },
  {
    stage: 'setOomScore',
    errno: 'EACCES',
    hint: "only root of the host may set it below davit's own",
  },
  {
    stage: 'setMemoryPolicy',
    errno: 'EINVAL',
    hint: '/sys/devices/system/node/online lists the nodes there are',
  },
];
