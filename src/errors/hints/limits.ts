import type { Hint } from './hint.ts';

/** Limits of davit's own process or of the machine, whatever the call was for. */
export const limitHints: readonly Hint[] = [
  {
    code: 'EMFILE',
    hint: 'RLIMIT_NOFILE, the limit on open files, is too low for davit: ulimit -n, or LimitNOFILE= of the service',
  },
  {
    code: 'ENFILE',
    hint: 'the machine has as many files open as it may: fs.file-max',
  },
  {
    syscall: 'clone3',
    code: 'EAGAIN',
    hint: 'RLIMIT_NPROC (ulimit -u), or pids.max of the cgroup or one above it, is reached',
  },
];
