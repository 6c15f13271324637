import type { Hint } from './hint.ts';

export const namespaceHints: readonly Hint[] = [
  {
    stage: 'sysctl',
    errno: 'ENOENT',
    hint: 'the kernel has no sysctl of this name in this namespace: check the spelling, and that its kernel module is loaded',
  },
  {
    stage: 'sysctl',
    errno: ['EINVAL', 'ERANGE'],
    hint: 'the kernel does not accept this value',
  },
  {
    stage: 'moveNetDevices',
    errno: 'ENODEV',
    hint: 'the host has no network device of this name: ip link lists its devices',
  },
];
