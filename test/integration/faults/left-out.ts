/** System calls that cannot fail, or that end the process. */
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
 * Calls that V8, libuv and glibc make at unpredictable moments. V8 and libuv abort if such a call
 * fails, and JavaScript cannot prevent that.
 */
export const isOfNode = (name: string, detail: string): boolean =>
  OF_NODE.has(name) || (name === 'write' && detail === SIGNAL_LOCK);

/** The bytes that libuv's uv__signal_unlock() writes. */
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
