import type { CallName, Errno, RefusedCall } from '../../support/system-calls/refuse-calls.ts';

/** System calls that are refused, as by an old kernel or by a container around davit. */
export interface Refusal {
  name: string;
  calls: readonly RefusedCall[];
  /** Default: both errnos. */
  errnos?: readonly Errno[];
}

const refusal = (name: string, calls: readonly CallName[], ...errnos: Errno[]): Refusal => ({
  name,
  calls: calls.map((call) => ({ name: call })),
  ...(errnos.length > 0 && { errnos }),
});

/** CLONE_NEW* of linux/sched.h. */
const KINDS = {
  cgroup: 0x02000000,
  ipc: 0x08000000,
  mount: 0x00020000,
  network: 0x40000000,
  pid: 0x20000000,
  uts: 0x04000000,
};

const setns = Object.entries(KINDS).map(
  ([kind, value]): Refusal => ({
    name: `setns (${kind})`,
    calls: [{ name: 'setns', argument: { index: 1, value } }],
  }),
);

/** System calls of davit, Node and libc that Linux 5.4 lacks. */
const AFTER_5_4: CallName[] = [
  ...(['openat2', 'pidfd_getfd', 'faccessat2', 'close_range', 'mount_setattr'] as const),
  ...(['landlock_create_ruleset', 'listmount', 'statmount'] as const),
];

/**
 * All calls that davit can do without, at once. clone3 with EPERM is left out: Node would not
 * start.
 */
const OPTIONAL: CallName[] = [
  ...AFTER_5_4,
  ...(['execveat', 'fsconfig', 'fsmount', 'fsopen', 'io_uring_setup', 'keyctl'] as const),
  ...(['memfd_create', 'move_mount', 'open_tree', 'pidfd_open', 'pidfd_send_signal'] as const),
  ...(['renameat2', 'sched_setaffinity', 'sched_setattr', 'copy_file_range'] as const),
];

export const OLDEST_KERNEL = refusal('what came after Linux 5.4', AFTER_5_4, 'ENOSYS');

export const ALL_AT_ONCE: readonly Refusal[] = [
  refusal('all at once', [...OPTIONAL, 'statx'], 'EPERM'),
  refusal('all at once', [...OPTIONAL, 'statx', 'clone3'], 'ENOSYS'),
];

export const CALLS: readonly CallName[] = [
  ...(['openat2', 'clone3', 'open_tree', 'move_mount', 'fsopen', 'fsconfig', 'fsmount'] as const),
  ...(['mount_setattr', 'memfd_create', 'faccessat2', 'pidfd_open', 'pidfd_send_signal'] as const),
  ...(['pidfd_getfd', 'close_range', 'execveat', 'renameat2', 'sched_setaffinity'] as const),
  ...(['sched_setattr', 'statx', 'copy_file_range', 'io_uring_setup', 'keyctl'] as const),
  ...(['landlock_create_ruleset', 'statmount', 'listmount'] as const),
];

export const REFUSALS: readonly Refusal[] = [
  ...CALLS.map((call) => refusal(call, [call])),
  ...setns,
  OLDEST_KERNEL,
  ...ALL_AT_ONCE,
];

export const ERRNOS: readonly Errno[] = ['EPERM', 'ENOSYS'];

/** Refused calls without a fallback: Node does not start, or `exec` cannot join. */
export const isExpected = (name: string, errno: Errno, command: string): boolean =>
  (name === 'clone3' && errno === 'EPERM') || (name.startsWith('setns') && command === 'exec');
