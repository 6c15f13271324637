import type { Hint } from './hint.ts';

export const hookHints: readonly Hint[] = [
  {
    field: 'hooks.startContainer',
    code: 'ENOENT',
    hint: 'startContainer hooks are looked up in the container, not on the host',
  },
  {
    field: 'hooks',
    code: 'ENOENT',
    hint: 'the path is looked up on the host; is the interpreter in its #! line there?',
  },
  {
    field: 'hooks',
    code: ['EACCES', 'ENOEXEC'],
    hint: 'a hook is a program: chmod +x, and a first line such as #!/bin/sh in a script',
  },
];
