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
    hint: 'the path of a startContainer hook is a path in the container, not on the host',
  },
  {
    stage: HOST_STAGES,
    syscall: 'posix_spawn',
    errno: 'ENOENT',
    hint: 'the path of this hook is a path on the host: the file and the interpreter in its #! line must exist there',
  },
  {
    stage: [...HOST_STAGES, ...CONTAINER_STAGES],
    syscall: 'posix_spawn',
    errno: ['EACCES', 'ENOEXEC'],
    hint: 'a hook must be executable (chmod +x), and a script needs a first line such as #!/bin/sh',
  },
];
