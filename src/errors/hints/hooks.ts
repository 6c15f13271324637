import type { Hint } from './hint.ts';

const HOST_STAGES = [
  'prestartHooks',
  'createRuntimeHooks',
  'createContainerHooks',
  'poststartHooks',
  'poststopHooks',
] as const;

export const hookHints: readonly Hint[] = [
  {
    stage: 'startContainerHooks',
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
    stage: [...HOST_STAGES, 'startContainerHooks'],
    syscall: 'posix_spawn',
    errno: ['EACCES', 'ENOEXEC'],
    hint: 'a hook is a program: chmod +x, and a first line such as #!/bin/sh in a script',
  },
];
