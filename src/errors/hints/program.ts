import type { Hint } from './hint.ts';

export const programHints: readonly Hint[] = [
  {
    stage: 'findProgram',
    says: /^exec: "[^"]* [^"]*": stat /,
    hint: 'every argument is an entry of its own: "args": ["/bin/sh", "-c", "…"]',
  },
  {
    stage: 'findProgram',
    says: /\$PATH$/,
    hint: 'the directories of PATH in process.env are searched, in the container',
  },
  {
    stage: 'findProgram',
    says: /: stat /,
    hint: 'the path is looked up in the container: in the rootfs and its mounts',
  },
  {
    stage: 'findProgram',
    code: 'EACCES',
    hint: 'process.user needs execute permission (chmod +x), also for the directories above',
  },
  {
    stage: 'exec',
    syscall: 'execve',
    code: 'ENOEXEC',
    hint: 'a script needs a first line such as #!/bin/sh, a binary must be built for this machine',
  },
  {
    stage: 'exec',
    syscall: 'execve',
    code: 'ENOENT',
    hint: 'the file is there, but not what runs it: the interpreter in its #! line, or its dynamic loader',
  },
  {
    stage: 'exec',
    syscall: 'execve',
    code: 'EPERM',
    hint: 'does linux.seccomp allow execve? has the file capabilities that the bounding set lacks?',
  },
  {
    stage: 'exec',
    syscall: 'execve',
    code: 'E2BIG',
    hint: 'process.args and process.env together are too long for execve',
  },
  {
    field: 'process.cwd',
    code: 'ENOTDIR',
    hint: 'it, or part of it, is a file in the container',
  },
  {
    field: 'process.cwd',
    code: ['EACCES', 'EPERM'],
    hint: "process.user, or the container's root, may not enter it",
  },
];
