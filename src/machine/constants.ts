/** fcntl.h */
export const AT_EMPTY_PATH = 0x1000;
/** Bytes of a trampoline's report: which of its calls failed, and the errno. */
export const REPORT_SIZE = 8;
/** errno.h */
export const EINTR = 4;
/** linux/futex.h */
export const FUTEX_WAIT = 0;
export const FUTEX_WAKE = 1;
/** sys/socket.h */
export const MSG_NOSIGNAL = 0x4000;
/** signal.h, and the size that the kernel's signal calls are told. */
export const SIG_SETMASK = 2;
export const SIGSET_SIZE = 8;
/** unistd.h */
export const STDERR = 2;
