/** System calls that have no way to fail, or end the process. */
export const neverFails = (name: string): boolean => NEVER_FAIL.has(name);

const NEVER_FAIL = new Set([
  'alarm',
  'exit',
  'exit_group',
  'getegid',
  'geteuid',
  'getgid',
  'getpgrp',
  'getpid',
  'getppid',
  'gettid',
  'getuid',
  'rt_sigreturn',
  'sched_yield',
  'set_tid_address',
  'umask',
]);

/**
 * Those that V8, libuv and glibc make at moments of their own. V8 and libuv abort where one fails, which no
 * JavaScript can help.
 */
export const isOfNode = (name: string, detail: string): boolean =>
  OF_NODE.has(name) || (name === 'write' && detail === SIGNAL_LOCK);

/** What libuv's uv__signal_unlock() writes. */
const SIGNAL_LOCK = '"*"';

const OF_NODE = new Set([
  'brk',
  'clock_gettime',
  'epoll_create1',
  'epoll_ctl',
  'epoll_pwait',
  'epoll_wait',
  'eventfd2',
  'futex',
  'getrandom',
  'io_uring_enter',
  'io_uring_setup',
  'madvise',
  'mmap',
  'mprotect',
  'mremap',
  'munmap',
  'restart_syscall',
  'rseq',
  'set_robust_list',
]);
