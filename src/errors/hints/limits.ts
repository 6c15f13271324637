/**
 * The few errnos that mean the same in every stage: davit's own process, or the machine, has
 * reached a limit.
 */
type Limit =
  | { errno: 'EMFILE' }
  | { errno: 'ENFILE' }
  | { errno: 'EAGAIN'; syscall: 'clone' | 'clone3' };

const LIMITS: readonly (Limit & { hint: string })[] = [
  {
    errno: 'EMFILE',
    hint: 'RLIMIT_NOFILE, the limit on open files, is too low for davit: raise it with ulimit -n, or with LimitNOFILE= of the service',
  },
  {
    errno: 'ENFILE',
    hint: 'the machine has reached its limit on open files: raise the sysctl fs.file-max',
  },
  {
    errno: 'EAGAIN',
    syscall: 'clone3',
    hint: 'a limit on processes is reached: RLIMIT_NPROC (ulimit -u), or pids.max of the cgroup or of a cgroup above it',
  },
  {
    errno: 'EAGAIN',
    syscall: 'clone',
    hint: 'the program needs room for two processes at its start: raise RLIMIT_NPROC, or pids.max of the cgroup or of a cgroup above it',
  },
];

/** What to do, if `error` means that a limit is reached. */
export function limitHintOf(error: Error): string | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return LIMITS.find(
    (limit) => limit.errno === code && !('syscall' in limit && limit.syscall !== syscall),
  )?.hint;
}
