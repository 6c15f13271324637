import type { Errno, RefusedCall } from '../../support/refuse-calls.ts';

/** A kernel, or a container around davit, that refuses calls. */
export interface Refusal {
  name: string;
  calls: readonly RefusedCall[];
}

const one = (name: RefusedCall['name']): Refusal => ({ name, calls: [{ name }] });

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

export const REFUSALS: readonly Refusal[] = [
  ...(
    [
      ...['openat2', 'clone3', 'open_tree', 'move_mount', 'fsopen', 'fsconfig', 'fsmount'],
      ...['mount_setattr', 'memfd_create', 'faccessat2', 'pidfd_open', 'pidfd_send_signal'],
      ...['pidfd_getfd', 'close_range', 'execveat', 'renameat2', 'sched_setaffinity'],
      ...['sched_setattr', 'statx', 'copy_file_range', 'io_uring_setup', 'keyctl'],
      ...['landlock_create_ruleset', 'statmount', 'listmount'],
    ] as RefusedCall['name'][]
  ).map(one),
  ...setns,
];

export const ERRNOS: readonly Errno[] = ['EPERM', 'ENOSYS'];
