import { constants } from 'node:os';
import { hasErrno } from '../../errors/syscall-error.ts';
import { POLLIN, poll } from '../../syscalls/poll/poll.ts';
import { pidfdSendSignal } from '../../syscalls/task/pidfd.ts';
import type { Forked } from '../fork/fork.ts';

const { SIGKILL } = constants.signals;

/** Milliseconds: a killed process ends late if it is in an uninterruptible sleep. */
const END_TIMEOUT_MS = 10_000;

/** Kills a process that is another one's child, and waits for its end. Its parent reaps it. */
export function endRemote(process: Pick<Forked, 'pidfd'>): void {
  try {
    pidfdSendSignal(process.pidfd, SIGKILL);
  } catch (error) {
    if (!hasErrno(error, 'ESRCH')) throw error;
  }
  awaitRemoteEnd(process);
}

/** Waits for the end of such a process. */
export function awaitRemoteEnd({ pidfd }: Pick<Forked, 'pidfd'>): void {
  poll([{ fd: pidfd, events: POLLIN, revents: 0 }], END_TIMEOUT_MS);
}
