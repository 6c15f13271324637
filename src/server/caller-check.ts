import { closeSync } from 'node:fs';
import { LeftToCaller } from '../cli/invocation.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { peerCredentials, peerPidfd } from '../syscalls/network/socket-options.ts';
import { pidfdSendSignal } from '../syscalls/task/pidfd.ts';
import { differenceOf, hasFilter, isLabelled, surroundingsOf } from './surroundings.ts';

/** Decides for whom the server acts. */
export class CallerCheck {
  readonly #labelled = isLabelled();
  readonly #own = surroundingsOf('self', this.#labelled);

  /**
   * Throws {@link LeftToCaller} unless the process that has connected `socket` could do itself
   * whatever the server does for it. It asks the kernel only, never the caller.
   */
  check(socket: number): void {
    try {
      const difference = this.#differenceFrom(socket);
      if (difference === undefined) return;
      throw new LeftToCaller(`${difference} of the caller differs`);
    } catch (error) {
      if (hasErrno(error, 'ESRCH', 'ENOENT')) throw new LeftToCaller('the front has gone');
      if (hasErrno(error, 'EACCES')) throw new LeftToCaller('the caller cannot be looked at');
      if (hasErrno(error, 'ENOPROTOOPT')) throw new LeftToCaller('a server needs Linux 6.5');
      throw error;
    }
  }

  #differenceFrom(socket: number): string | undefined {
    // While the pidfd is open, no other process gets the pid. Before Linux 6.5 there is no pidfd:
    // the socket may outlive the process, and another process may get its pid.
    const pidfd = peerPidfd(socket);
    try {
      const { pid, uid, gid } = peerCredentials(socket);
      if (uid !== process.geteuid!() || gid !== process.getegid!()) return 'the user';
      const surroundings = surroundingsOf(pid, this.#labelled);
      pidfdSendSignal(pidfd, 0);
      // davit cannot tell whether two seccomp filters are the same.
      if (hasFilter(surroundings)) return 'the seccomp filter';
      return differenceOf(this.#own, surroundings);
    } finally {
      closeSync(pidfd);
    }
  }
}
