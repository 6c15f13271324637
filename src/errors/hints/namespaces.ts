import type { Hint } from './hint.ts';

export const namespaceHints: readonly Hint[] = [
  {
    stage: 'sysctl',
    errno: 'ENOENT',
    hint: 'the kernel has no such sysctl in this namespace: misspelt, or a module that is not loaded',
  },
  {
    stage: 'sysctl',
    errno: ['EINVAL', 'ERANGE'],
    hint: 'the kernel does not take that value',
  },
  {
    stage: 'moveNetDevices',
    errno: 'ENODEV',
    hint: "ip link lists the host's network devices",
  },
];
