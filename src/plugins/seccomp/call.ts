import type { SeccompArch } from '../../config/names/seccomp-archs.ts';
import type { ContainerProcessState } from '../../config/types.ts';
import { failedWith } from '../../errors/syscall-error.ts';
import { archOfCall, archToken } from '../../seccomp/architecture.ts';
import { seccompName } from '../../syscalls/ffi/libseccomp.ts';
import {
  answerNotif,
  type NotifAnswer,
  receiveNotif,
} from '../../syscalls/rights/seccomp-notify.ts';

/** A system call of a container that waits for a seccomp agent's answer. */
export interface SeccompCall {
  /** `openat`; undefined for a number that libseccomp does not know. */
  readonly name: string | undefined;
  readonly number: number;
  readonly arch: SeccompArch | undefined;
  /** Six registers. Memory that they point at can change any time: no answer may depend on it. */
  readonly args: readonly bigint[];
  /** The calling thread's, in the agent's pid namespace. */
  readonly pid: number;
  /** The process that installed the filter; the same object for all calls under it. */
  readonly container: ContainerProcessState;
  /** Lets the kernel do it: SECCOMP_USER_NOTIF_FLAG_CONTINUE. */
  proceed(): void;
  /** Has the call return a value, without being done. */
  succeed(value: bigint): void;
  /** Has it fail with an errno. */
  fail(errno: number): void;
}

/** The next call at a listener; undefined when its caller was killed meanwhile. */
export function receiveCall(
  listener: number,
  container: ContainerProcessState,
): SeccompCall | undefined {
  const notif = ignoreKilled(() => receiveNotif(listener));
  if (!notif) return undefined;
  const { id, nr: number, pid, args } = notif;
  const arch = archOfCall(notif.arch, number);
  const answer = (answer: NotifAnswer): void =>
    ignoreKilled(() => answerNotif(listener, id, answer));
  return {
    ...{ number, arch, args, pid, container },
    name: arch && seccompName(archToken(arch), number),
    proceed: () => answer('continue'),
    succeed: (value) => answer({ value }),
    fail: (errno) => answer({ errno }),
  };
}

function ignoreKilled<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return undefined;
    throw error;
  }
}
