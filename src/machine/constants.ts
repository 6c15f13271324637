/** fcntl.h; AT_FDCWD is -100 as an unsigned number of 32 bits. */
export const AT_EMPTY_PATH = 0x1000;
export const AT_FDCWD = 0xffffff9c;
/** Bytes of a trampoline's report: which of its calls failed, and the errno. */
export const REPORT_SIZE = 8;
/** errno.h */
export const ENOENT = 2;
export const EINTR = 4;
export const E2BIG = 7;
export const EAGAIN = 11;
export const ENOTDIR = 20;
export const EINVAL = 22;
export const EPIPE = 32;
export const ENOSYS = 38;
/** fcntl.h */
export const O_CLOEXEC = 0o2000000;
export const F_SETFD = 2;
export const FD_CLOEXEC = 1;
/** linux/futex.h */
export const FUTEX_WAIT = 0;
export const FUTEX_WAKE = 1;
/** poll.h */
export const POLLIN = 1;
export const POLLOUT = 4;
/** sys/socket.h */
export const AF_UNIX = 1;
export const MSG_NOSIGNAL = 0x4000;
export const SOL_SOCKET = 1;
export const SO_PEERCRED = 17;
export const SCM_RIGHTS = 1;
/** signal.h, and the size of the kernel's sigset_t in bytes. */
export const SIGKILL = 9;
export const SIGPIPE = 13;
export const SIGCHLD = 17;
export const SIG_IGN = 1;
export const SIG_SETMASK = 2;
export const SIGSET_SIZE = 8;
/** linux/prctl.h */
export const PR_SET_PDEATHSIG = 1;
export const PR_SET_CHILD_SUBREAPER = 36;
/** wait.h */
export const WNOHANG = 1;
/** unistd.h */
export const STDIN = 0;
export const STDOUT = 1;
export const STDERR = 2;
