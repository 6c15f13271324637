import type { Hint } from './hint.ts';

export const programHints: readonly Hint[] = [
  {
    stage: 'exec',
    syscall: 'execve',
    errno: 'ENOEXEC',
    hint: 'a script needs a first line such as #!/bin/sh, a binary must be built for this machine',
  },
  {
    stage: 'exec',
    syscall: 'execve',
    errno: 'ENOENT',
    hint: 'the file is there, but not what runs it: the interpreter in its #! line, or its dynamic loader',
  },
  {
    stage: 'exec',
    syscall: 'execve',
    errno: 'EPERM',
    hint: 'does linux.seccomp allow execve? has the file capabilities that the bounding set lacks?',
  },
  {
    stage: 'exec',
    syscall: 'execve',
    errno: 'E2BIG',
    hint: 'process.args and process.env together are too long for execve',
  },
  {
    stage: ['makeWorkingDirectory', 'enterWorkingDirectory', 'verifyWorkingDirectory'],
    field: 'process.cwd',
    errno: 'ENOTDIR',
    hint: 'it, or part of it, is a file in the container',
  },
  {
    stage: ['makeWorkingDirectory', 'enterWorkingDirectory', 'verifyWorkingDirectory'],
    field: 'process.cwd',
    errno: 'EACCES',
    hint: "process.user, or the container's root, may not enter it",
  },
];
