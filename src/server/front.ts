import { closeSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { RuntimeError } from '../errors/runtime-error.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import type { Forked } from '../init/fork/fork.ts';
import type { RemoteChild, RemoteFork, RemoteParent } from '../init/parent/init-parent.ts';
import { ANY_CHILD, FORK, FORK_OPTIONS, NO_CHILD, TOLD_KIND } from '../machine/front/door.ts';
import { syscallError } from '../syscalls/ffi/libc.ts';
import { withUmask } from '../syscalls/files/with-umask.ts';
import { SOCK_SEQPACKET, socketpair } from '../syscalls/network/socket.ts';
import { peerCredentials } from '../syscalls/network/socket-options.ts';
import { POLLIN, poll } from '../syscalls/poll/poll.ts';
import { CLONE_NEWPID } from '../syscalls/task/namespaces.ts';
import { pidfdSendSignal } from '../syscalls/task/pidfd.ts';
import { cloneFlags, shellStatus } from '../syscalls/task/process.ts';
import type { Limits } from '../syscalls/task/rlimit.ts';
import type { Connection, Told } from './connection.ts';
import type { Request } from './request.ts';

const { SIGKILL, SIGPIPE, SIGURG, SIGWINCH } = constants.signals;

/** Signals that are not forwarded to a program without a terminal, as without a server. */
const UNTOLD: readonly number[] = [SIGURG, SIGWINCH];

/** How long a front may take to fork, in milliseconds. */
const FORK_TIMEOUT_MS = 10_000;

/** Milliseconds: a killed process ends late if it is in an uninterruptible sleep. */
const END_TIMEOUT_MS = 10_000;

/** The front of one command, as the parent of the processes that the command makes. */
export class Front implements RemoteParent {
  readonly remote = this;
  readonly stdio: readonly number[];
  readonly umask: number;
  readonly nofileLimit: Limits;
  readonly #connection: Connection;
  #options = 0;
  /** Which children nobody waits for when the command has succeeded. */
  #reapedAfterSuccess = ANY_CHILD;

  constructor(connection: Connection, { fds, numbers }: Request) {
    this.#connection = connection;
    this.stdio = [fds.stdin, fds.stdout, fds.stderr];
    this.umask = Number(numbers.umask & 0o777n);
    this.nofileLimit = { soft: numbers.softNoFile, hard: numbers.hardNoFile };
  }

  get pid(): number {
    return peerCredentials(this.#connection.socket).pid;
  }

  get procEntry(): number {
    return this.pid;
  }

  /**
   * Which children the front reaps when it exits with `status`. A detached program is left, ended or
   * not: whoever adopts it waits for it.
   */
  reapedAtExit(status: number): number {
    return status === 0 ? this.#reapedAfterSuccess : ANY_CHILD;
  }

  check(): void {
    if (!this.#connection.isOpen) throw gone();
  }

  creating<T>(action: () => T): T {
    return withUmask(this.umask, action);
  }

  adoptOrphans(): void {
    this.#options |= FORK_OPTIONS.subreaper;
  }

  async supervise({ pid, pidfd }: Forked): Promise<number> {
    await this.#connection.sendSupervise();
    for (;;) {
      const told = await this.#connection.hear(-1);
      if (told?.kind === TOLD_KIND.ended && told.pid === pid) return shellStatus(told.value);
      if (told?.kind === TOLD_KIND.signal) this.#forward(told, pidfd);
      if (!told) this.check();
    }
  }

  kill(child: Forked): void {
    sendSignal(child.pidfd, SIGKILL);
    this.awaitEnd(child);
  }

  /** The front reaps it. */
  awaitEnd({ pidfd }: Forked): void {
    poll([{ fd: pidfd, events: POLLIN, revents: 0 }], END_TIMEOUT_MS);
  }

  #forward({ value: signal, pid }: Told, pidfd: number): void {
    if (UNTOLD.includes(signal)) return;
    // The front's own write raised it: the caller no longer reads.
    if (signal === SIGPIPE && pid === this.pid) return;
    sendSignal(pidfd, signal);
  }

  async fork({ namespaces, cgroup, preserveFds, foreground }: RemoteFork): Promise<RemoteChild> {
    const firstFd = 3 + preserveFds;
    const text = Buffer.alloc(FORK.size);
    text.writeBigUInt64LE(cloneFlags(namespaces, cgroup), FORK.flags);
    text.writeUInt32LE(firstFd, FORK.firstFd);
    const signals = foreground ? FORK_OPTIONS.blockSignals : 0;
    text.writeUInt32LE(this.#options | signals, FORK.options);
    const [socket, theirs] = socketpair(SOCK_SEQPACKET);
    try {
      await this.#connection.sendFork(text, [theirs, cgroup ?? theirs]);
      const forked = await this.#forked();
      // A process that joins a pid namespace makes the program as its child, and ends.
      const isProgram = (namespaces & CLONE_NEWPID) !== 0;
      if (!foreground) this.#reapedAfterSuccess = isProgram ? NO_CHILD : forked.pid;
      return { ...forked, socket, programFd: firstFd + 1 };
    } catch (error) {
      closeSync(socket);
      throw error;
    } finally {
      closeSync(theirs);
    }
  }

  async #forked(): Promise<Pick<RemoteChild, 'pid' | 'pidfd'>> {
    const told = await this.#connection.hear(FORK_TIMEOUT_MS);
    if (told?.kind !== TOLD_KIND.forked) throw gone();
    if (told.value < 0) throw syscallError(-told.value, 'clone3', 'clone3 in the front');
    if (told.fd === undefined) throw new RuntimeError('the front has passed no pidfd');
    return { pid: pidOf(told.fd), pidfd: told.fd };
  }
}

/** A process that has ended gets none. */
function sendSignal(pidfd: number, signal: number): void {
  try {
    pidfdSendSignal(pidfd, signal);
  } catch (error) {
    if (!hasErrno(error, 'ESRCH')) throw error;
  }
}

const gone = () => new RuntimeError('davit was killed during this command');

/** The process of a pidfd, as the kernel has it (proc_pid_fdinfo(5)). */
function pidOf(pidfd: number): number {
  const info = readFileSync(`/proc/self/fdinfo/${pidfd}`, 'latin1');
  return Number(/^Pid:\s*(-?\d+)$/m.exec(info)?.[1] ?? -1);
}
