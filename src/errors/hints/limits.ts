/**
 * The few errnos that say the same of whatever call, in whatever stage: a limit of davit's own process
 * or of the machine is reached.
 */
type Limit = { errno: 'EMFILE' } | { errno: 'ENFILE' } | { errno: 'EAGAIN'; syscall: 'clone3' };

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
];

/** What to do where `error` says that a limit is reached. */
export function limitHintOf(error: Error): string | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return LIMITS.find(
    (limit) => limit.errno === code && !('syscall' in limit && limit.syscall !== syscall),
  )?.hint;
}
