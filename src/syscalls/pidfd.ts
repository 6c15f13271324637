import { declareSyscall } from './libc.ts';

const nativeOpen = declareSyscall<[number, number]>('pidfd_open', 434, ['int64_t', 'int64_t'], {
  describe: (pid) => `pidfd_open ${pid}`,
});
const nativeSendSignal = declareSyscall<[number, number, null, number]>(
  'pidfd_send_signal',
  424,
  ['int64_t', 'int64_t', 'void *', 'int64_t'],
  { describe: (_pidfd, signal) => `pidfd_send_signal ${signal}` },
);
const nativeGetfd = declareSyscall<[number, number, number]>('pidfd_getfd', 438, [
  'int64_t',
  'int64_t',
  'int64_t',
]);

/** pidfd_open(2), Linux 5.3; close-on-exec, readable once the process ended. ESRCH when there is none. */
export const pidfdOpen = (pid: number): number => nativeOpen(pid, 0);

/** pidfd_send_signal(2), Linux 5.1; ESRCH when the process is gone, EPERM when not permitted. */
export function pidfdSendSignal(pidfd: number, signal: number): void {
  nativeSendSignal(pidfd, signal, null, 0);
}

/** pidfd_getfd(2), Linux 5.6: a duplicate of the process's `fd`; close-on-exec. */
export const pidfdGetfd = (pidfd: number, fd: number): number => nativeGetfd(pidfd, fd, 0);
