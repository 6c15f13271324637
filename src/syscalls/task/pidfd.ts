import { constants } from 'node:os';
import { hasErrno, unlessRefused } from '../../errors/syscall-error.ts';
import { declareNewer, syscallError } from '../ffi/libc.ts';

const nativeOpen = declareNewer<[number, number]>('pidfd_open', ['int64_t', 'int64_t'], {
  describe: (pid) => `pidfd_open ${pid}`,
});
const nativeSendSignal = declareNewer<[number, number, null, number]>(
  'pidfd_send_signal',
  ['int64_t', 'int64_t', 'void *', 'int64_t'],
  { describe: (_pidfd, signal) => `pidfd_send_signal ${signal}` },
);
const nativeGetfd = declareNewer<[number, number, number]>('pidfd_getfd', [
  'int64_t',
  'int64_t',
  'int64_t',
]);

/** pidfd_open(2), Linux 5.3; close-on-exec, readable once the process has ended. */
export function pidfdOpen(pid: number): number {
  try {
    return nativeOpen(pid, 0);
  } catch (error) {
    // The flags are valid. Older kernels give EINVAL while the process is reaped (kernel/fork.c).
    if (pid <= 0 || !hasErrno(error, 'EINVAL')) throw error;
    throw syscallError(constants.errno.ESRCH, 'pidfd_open', `pidfd_open ${pid}`);
  }
}

/** {@link pidfdOpen}, or -1 if pidfd_open(2) is missing or refused: callers must then poll. */
export const tryPidfdOpen = (pid: number): number =>
  unlessRefused(
    () => pidfdOpen(pid),
    () => -1,
  );

/** pidfd_send_signal(2), Linux 5.1; ESRCH when the process is gone, EPERM when not permitted. */
export function pidfdSendSignal(pidfd: number, signal: number): void {
  nativeSendSignal(pidfd, signal, null, 0);
}

/** pidfd_getfd(2), Linux 5.6: a duplicate of the process's `fd`; close-on-exec. */
export const pidfdGetfd = (pidfd: number, fd: number): number => nativeGetfd(pidfd, fd, 0);
