import type { SeccompArch } from '../../config/names/seccomp-archs.ts';
import type { ContainerProcessState } from '../../config/types.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
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
  /**
   * Six registers. The memory they point at can change at any time: do not base an answer on it.
   */
  readonly args: readonly bigint[];
  /** The calling thread's id in the agent's pid namespace. */
  readonly pid: number;
  /** The process that installed the filter. The same object for all calls under that filter. */
  readonly container: ContainerProcessState;
  /** Lets the kernel run the call: SECCOMP_USER_NOTIF_FLAG_CONTINUE. */
  proceed(): void;
  /** Makes the call return a value without running it. */
  succeed(value: bigint): void;
  /** Makes the call fail with an errno. */
  fail(errno: number): void;
}

/** Receives the next call of a listener. Undefined when its caller was killed meanwhile. */
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
    number,
    arch,
    args,
    pid,
    container,
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
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
