import type { Hint } from './hint.ts';

export const confinementHints: readonly Hint[] = [
  {
    stage: ['installSeccomp', 'exec'],
    syscall: 'capset',
    errno: 'EPERM',
    hint: 'linux.seccomp must allow capset, read and write, unless process.noNewPrivileges is true',
  },
  {
    stage: ['setProcessLabels', 'exec'],
    field: 'process.apparmorProfile',
    errno: 'ENOENT',
    hint: 'no profile of this name is loaded: load it with apparmor_parser --replace FILE; aa-status lists the loaded profiles',
  },
  {
    stage: ['setProcessLabels', 'exec'],
    field: 'process.apparmorProfile',
    errno: ['EACCES', 'EPERM'],
    hint: 'the AppArmor profile of davit itself does not allow a change to this profile',
  },
  {
    stage: ['joinSessionKeyring', 'setProcessLabels', 'exec'],
    field: 'process.selinuxLabel',
    errno: 'EINVAL',
    hint: 'the SELinux policy of the host does not know this label: expected USER:ROLE:TYPE:LEVEL, such as system_u:system_r:container_t:s0:c1,c2',
  },
  {
    stage: 'setProcessLimits',
    field: 'process.rlimits',
    errno: 'EPERM',
    hint: "only the host's root may raise a limit above davit's own hard limit, and nobody may raise RLIMIT_NOFILE above fs.nr_open",
  },
  {
    stage: 'setOomScore',
    errno: 'EACCES',
    hint: "only the host's root may set process.oomScoreAdj below davit's own value",
  },
  {
    stage: 'setMemoryPolicy',
    errno: 'EINVAL',
    hint: 'each node must be online: /sys/devices/system/node/online lists the nodes',
  },
];
