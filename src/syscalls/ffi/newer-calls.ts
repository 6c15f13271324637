import { constants } from 'node:os';
import { hostArch } from '../../machine/assembler.ts';
import { SYSCALL_NUMBERS, type SyscallName } from '../../machine/syscall-numbers.ts';
import { koffi, libc, type NativeFunction } from './koffi.ts';

const { EPERM, ENOSYS } = constants.errno;

/**
 * System calls that an older kernel may lack, or that a seccomp filter around davit may refuse: the
 * filter of an older Docker or of a systemd unit, or gVisor. The value is the first Linux with the
 * call.
 */
const NEWER_CALLS = {
  clone3: '5.3',
  close_range: '5.9',
  execveat: '3.19',
  faccessat2: '5.8',
  fsconfig: '5.2',
  fsmount: '5.2',
  fsopen: '5.2',
  keyctl: '2.6.10',
  memfd_create: '3.17',
  mount_setattr: '5.12',
  move_mount: '5.2',
  open_tree: '5.2',
  openat2: '5.6',
  pidfd_getfd: '5.6',
  pidfd_open: '5.3',
  pidfd_send_signal: '5.1',
  setns: '3.0',
  statx: '4.11',
} satisfies Partial<Record<SyscallName, string>>;

export type NewerCall = keyof typeof NEWER_CALLS;

const isNewer = (name: string): name is NewerCall => Object.hasOwn(NEWER_CALLS, name);

let native: NativeFunction | undefined;

/**
 * Whether davit can use a call. The call is made with invalid arguments: unless it is missing
 * (ENOSYS) or refused (EPERM), it fails with another errno. In a process that may not mount,
 * fsopen(2), fsmount(2) and move_mount(2) count as refused: mount(2) would fail with EPERM as well.
 */
export function isAvailable(name: NewerCall): boolean {
  const registers = Array<string>(6).fill('int64_t');
  native ??= libc().func('syscall', 'long', ['long', ...registers]);
  native(SYSCALL_NUMBERS[name][hostArch()], -1, -1, -1, -1, -1, -1);
  const errno = koffi().errno();
  return errno !== EPERM && errno !== ENOSYS;
}

/** True when a call failed because the kernel lacks it, or because a filter refuses it. */
export function isRefusal(name: string, errno: number): name is NewerCall {
  if (!isNewer(name)) return false;
  return errno === ENOSYS || (errno === EPERM && !isAvailable(name));
}

/** The hint for a call that is missing or refused. */
export const refusalHint = (name: NewerCall): string =>
  `the kernel lacks ${name}, which came with Linux ${NEWER_CALLS[name]}, or a seccomp filter around davit refuses it`;
