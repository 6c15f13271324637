import type { Hint } from './hint.ts';

export const namespaceHints: readonly Hint[] = [
  {
    stage: 'mapIds',
    says: /not installed/,
    hint: 'install it: package uidmap, or shadow-utils',
  },
  {
    stage: 'mapIds',
    says: /\/etc\/sub[ug]id/,
    hint: 'root can give you ranges: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER',
  },
  {
    stage: 'sysctl',
    code: 'ENOENT',
    hint: 'the kernel has no such sysctl in this namespace: misspelt, or a module that is not loaded',
  },
  {
    stage: 'sysctl',
    code: ['EINVAL', 'ERANGE'],
    hint: 'the kernel does not take that value',
  },
  {
    stage: 'moveNetDevices',
    code: 'ENODEV',
    hint: "ip link lists the host's network devices",
  },
];
