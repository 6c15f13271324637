import type { Hint } from './hint.ts';

export const programHints: readonly Hint[] = [
  {
    stage: 'exec',
    syscall: 'execve',
    errno: 'ENOEXEC',
    hint: 'a script needs a first line such as #!/bin/sh, and a binary must be built for the architecture of this machine',
  },
  {
    stage: 'exec',
    syscall: 'execve',
    errno: 'ENOENT',
    hint: 'the file exists, but the container lacks the interpreter in its #! line, or its dynamic loader',
  },
  {
    stage: 'exec',
    syscall: 'execve',
    errno: 'EPERM',
    hint: 'linux.seccomp must allow execve, and the bounding set must have the capabilities of the file',
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
    hint: 'the path, or a part of it, is a file in the container',
  },
  {
    stage: ['makeWorkingDirectory', 'enterWorkingDirectory', 'verifyWorkingDirectory'],
    field: 'process.cwd',
    errno: 'EACCES',
    hint: "process.user, or the container's root, has no permission to enter this directory",
  },
];
