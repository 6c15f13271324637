import { constants } from 'node:os';
import { koffi, libc, type NativeFunction } from './koffi.ts';

const { EPERM, ENOSYS } = constants.errno;

/**
 * System calls that an older kernel may lack, or that a seccomp filter around davit may refuse: the
 * filter of an older Docker or of a systemd unit, or gVisor. `since` is the first Linux with the
 * call.
 */
const NEWER_CALLS = {
  clone3: { number: 435, since: '5.3' },
  close_range: { number: 436, since: '5.9' },
  execveat: { number: { x64: 322, arm64: 281 }, since: '3.19' },
  faccessat2: { number: 439, since: '5.8' },
  fsconfig: { number: 431, since: '5.2' },
  fsmount: { number: 432, since: '5.2' },
  fsopen: { number: 430, since: '5.2' },
  keyctl: { number: { x64: 250, arm64: 219 }, since: '2.6.10' },
  memfd_create: { number: { x64: 319, arm64: 279 }, since: '3.17' },
  mount_setattr: { number: 442, since: '5.12' },
  move_mount: { number: 429, since: '5.2' },
  open_tree: { number: 428, since: '5.2' },
  openat2: { number: 437, since: '5.6' },
  pidfd_getfd: { number: 438, since: '5.6' },
  pidfd_open: { number: 434, since: '5.3' },
  pidfd_send_signal: { number: 424, since: '5.1' },
  setns: { number: { x64: 308, arm64: 268 }, since: '3.0' },
  statx: { number: { x64: 332, arm64: 291 }, since: '4.11' },
} satisfies Record<string, { number: number | { x64: number; arm64: number }; since: string }>;

export type NewerCall = keyof typeof NEWER_CALLS;

const isNewer = (name: string): name is NewerCall => Object.hasOwn(NEWER_CALLS, name);

export function numberOf(name: NewerCall): number {
  const { number } = NEWER_CALLS[name];
  return typeof number === 'number' ? number : number[process.arch as 'x64' | 'arm64'];
}

let native: NativeFunction | undefined;

/**
 * Whether davit can use a call. The call is made with invalid arguments: unless it is missing
 * (ENOSYS) or refused (EPERM), it fails with another errno. In a process that may not mount,
 * fsopen(2), fsmount(2) and move_mount(2) count as refused: mount(2) would fail with EPERM as well.
 */
export function isAvailable(name: NewerCall): boolean {
  const registers = Array<string>(6).fill('int64_t');
  native ??= libc().func('syscall', 'long', ['long', ...registers]);
  native(numberOf(name), -1, -1, -1, -1, -1, -1);
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
  `the kernel lacks ${name}, which came with Linux ${NEWER_CALLS[name].since}, or a seccomp filter around davit refuses it`;
