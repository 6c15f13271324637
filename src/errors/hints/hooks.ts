import type { Hint } from './hint.ts';

const HOST_STAGES = [
  'prestartHooks',
  'createRuntimeHooks',
  'createContainerHooks',
  'createContainerHooksInside',
  'poststartHooks',
  'poststopHooks',
] as const;

const CONTAINER_STAGES = ['startContainerHooks'] as const;

export const hookHints: readonly Hint[] = [
  {
    stage: CONTAINER_STAGES,
    syscall: 'posix_spawn',
    errno: 'ENOENT',
    hint: 'startContainer hooks are looked up in the container, not on the host',
  },
  {
    stage: HOST_STAGES,
    syscall: 'posix_spawn',
    errno: 'ENOENT',
    hint: 'the path is looked up on the host; is the interpreter in its #! line there?',
  },
  {
    stage: [...HOST_STAGES, ...CONTAINER_STAGES],
    syscall: 'posix_spawn',
    errno: ['EACCES', 'ENOEXEC'],
    hint: 'a hook is a program: chmod +x, and a first line such as #!/bin/sh in a script',
  },
];
