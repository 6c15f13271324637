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
    hint: 'RLIMIT_NOFILE, the limit on open files, is too low for davit: ulimit -n, or LimitNOFILE= of the service',
  },
  {
    errno: 'ENFILE',
    hint: 'the machine has as many files open as it may: fs.file-max',
  },
  {
    errno: 'EAGAIN',
    syscall: 'clone3',
    hint: 'RLIMIT_NPROC (ulimit -u), or pids.max of the cgroup or one above it, is reached',
  },
  {
    errno: 'EAGAIN',
    syscall: 'clone',
    hint: 'RLIMIT_NPROC, or pids.max of the cgroup or one above it, has no room for two: for a moment the program has a parent',
  },
];

/** What to do, if `error` means that a limit is reached. */
export function limitHintOf(error: Error): string | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return LIMITS.find(
    (limit) => limit.errno === code && !('syscall' in limit && limit.syscall !== syscall),
  )?.hint;
}
