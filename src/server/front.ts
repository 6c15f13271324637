import { closeSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { RuntimeError } from '../errors/runtime-error.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import type { Forked } from '../init/fork/fork.ts';
import type {
  ChildKind,
  Placeholder,
  RemoteChild,
  RemoteFork,
  RemoteParent,
} from '../init/parent/init-parent.ts';
import { handProgram, reportedErrno } from '../init/remote/hand-program.ts';
import { ANY_CHILD, FORK, FORK_OPTIONS, NO_CHILD, TOLD_KIND } from '../machine/front/door.ts';
import { syscallError } from '../syscalls/ffi/libc.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';
import { O_CLOEXEC } from '../syscalls/files/file.ts';
import { withUmask } from '../syscalls/files/with-umask.ts';
import { SOCK_SEQPACKET, socketpair } from '../syscalls/network/socket.ts';
import { peerCredentials } from '../syscalls/network/socket-options.ts';
import { POLLIN, type PollFd, poll } from '../syscalls/poll/poll.ts';
import { pollOnEventLoop } from '../syscalls/poll/poll-on-event-loop.ts';
import type { ReplacementProgram } from '../syscalls/switch/switch.ts';
import { CLONE_NEWPID } from '../syscalls/task/namespaces.ts';
import { pidfdSendSignal } from '../syscalls/task/pidfd.ts';
import { cloneFlags } from '../syscalls/task/process.ts';
import type { Limits } from '../syscalls/task/rlimit.ts';
import type { SpawnOptions } from '../syscalls/task/spawn.ts';
import { shellStatus } from '../syscalls/task/wait-status.ts';
import type { Connection, Told } from './connection.ts';
import type { Request } from './request.ts';

const { SIGKILL, SIGPIPE, SIGURG, SIGWINCH } = constants.signals;

/** Signals that are not forwarded to a program without a terminal, as without a server. */
const UNTOLD: readonly number[] = [SIGURG, SIGWINCH];

/** How long a front may take to fork or to reap, in milliseconds. */
const ANSWER_TIMEOUT_MS = 10_000;

/** Milliseconds: a killed process ends late if it is in an uninterruptible sleep. */
const END_TIMEOUT_MS = 10_000;

/** The front of one command, as the parent of the processes that the command makes. */
export class Front implements RemoteParent {
  readonly remote = this;
  readonly stdio: readonly number[];
  readonly umask: number;
  readonly nofileLimit: Limits;
  readonly replacement: ReplacementProgram | undefined;
  readonly #connection: Connection;
  /** Children made for hooks, which are to be reaped. */
  readonly #hookPids = new Set<number>();
  #options = 0;
  /** Which children nobody waits for when the command has succeeded. */
  #reapedAfterSuccess = ANY_CHILD;

  constructor(
    connection: Connection,
    { fds, numbers }: Request,
    replacement: ReplacementProgram | undefined,
  ) {
    this.#connection = connection;
    this.replacement = replacement;
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

  /** Those that a program opens itself are close-on-exec in a front. */
  get inheritedFds(): ReadonlySet<number> {
    const all = readdirSync(`/proc/${this.pid}/fd`).map(Number);
    return new Set(all.filter((fd) => !isClosedByExec(this.pid, fd)));
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

  /** A child that is given no program: it waits for one, and ends with the front at the latest. */
  async makePlaceholder(): Promise<Placeholder> {
    const child = await this.fork(plainFork('placeholder'));
    const life = new DisposableStack();
    life.adopt(child.socket, closeFd);
    life.adopt(child.pidfd, closeFd);
    life.defer(() => sendSignal(child.pidfd, SIGKILL));
    return {
      pid: child.pid,
      kill: () => life.dispose(),
      end: async () => {
        sendSignal(child.pidfd, SIGKILL);
        await this.reap(child);
        life.dispose();
      },
    };
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

  get polled(): readonly PollFd[] {
    return [{ fd: this.#connection.socket, events: 0, revents: 0 }];
  }

  #forward({ value: signal, pid }: Told, pidfd: number): void {
    if (UNTOLD.includes(signal)) return;
    // The front's own write raised it: the caller no longer reads.
    if (signal === SIGPIPE && pid === this.pid) return;
    sendSignal(pidfd, signal);
  }

  async fork(request: RemoteFork): Promise<RemoteChild> {
    const { namespaces, kind } = request;
    const child = await this.#fork(request);
    // A process that joins a pid namespace makes the program as its child, and ends.
    const isProgram = (namespaces & CLONE_NEWPID) !== 0;
    if (kind === 'hook') this.#hookPids.add(child.pid);
    if (kind === 'detached') this.#reapedAfterSuccess = isProgram ? NO_CHILD : child.pid;
    return child;
  }

  async #fork({ namespaces, cgroup, preserveFds, kind }: RemoteFork): Promise<RemoteChild> {
    const firstFd = 3 + preserveFds;
    const text = Buffer.alloc(FORK.size);
    text.writeBigUInt64LE(cloneFlags(namespaces, cgroup), FORK.flags);
    text.writeUInt32LE(firstFd, FORK.firstFd);
    const signals = kind === 'foreground' ? FORK_OPTIONS.blockSignals : 0;
    text.writeUInt32LE(this.#options | signals, FORK.options);
    const [socket, theirs] = socketpair(SOCK_SEQPACKET);
    try {
      await this.#connection.sendFork(text, [theirs, cgroup ?? theirs]);
      return { ...(await this.#forked()), socket, programFd: firstFd + 1 };
    } catch (error) {
      closeSync(socket);
      throw error;
    } finally {
      closeSync(theirs);
    }
  }

  async spawn(program: SpawnOptions): Promise<Forked> {
    const child = await this.fork(plainFork('hook'));
    const { pid, pidfd, socket } = child;
    using kept = new DisposableStack();
    kept.adopt(pidfd, closeFd);
    using fds = new DisposableStack();
    fds.adopt(socket, closeFd);
    const report = fds.adopt(handProgram(child, program), closeFd);
    await pollOnEventLoop([{ fd: report, events: POLLIN, revents: 0 }], -1);
    const errno = reportedErrno(report);
    if (errno !== undefined) {
      await this.reap(child);
      throw syscallError(errno, 'posix_spawn', `exec ${program.path}`);
    }
    kept.move();
    return { pid, pidfd };
  }

  async reap({ pid, pidfd }: Forked): Promise<number> {
    const ended = { fd: pidfd, events: POLLIN, revents: 0 };
    while (ended.revents === 0) {
      await pollOnEventLoop([ended, ...this.polled], -1);
      this.check();
    }
    // Those that made the hook's process, too.
    for (const other of this.#hookPids) if (other !== pid) await this.#reap(other);
    this.#hookPids.clear();
    return await this.#reap(pid);
  }

  /** Returns a wait status: 0 for one that has not ended. */
  async #reap(pid: number): Promise<number> {
    await this.#connection.sendReap(pid);
    for (;;) {
      const told = await this.#connection.hear(ANSWER_TIMEOUT_MS);
      if (!told) throw gone();
      // Orphans of the container end as well.
      if (told.kind === TOLD_KIND.ended && (told.pid === pid || told.pid <= 0)) return told.value;
    }
  }

  async #forked(): Promise<Pick<RemoteChild, 'pid' | 'pidfd'>> {
    const told = await this.#tellsFork();
    if (told.value < 0) throw syscallError(-told.value, 'clone3', 'clone3 in the front');
    if (told.fd === undefined) throw new RuntimeError('the front has passed no pidfd');
    return { pid: pidOf(told.fd), pidfd: told.fd };
  }

  /** A front that has supervised a program may still tell signals and ends of orphans. */
  async #tellsFork(): Promise<Told> {
    for (;;) {
      const told = await this.#connection.hear(ANSWER_TIMEOUT_MS);
      if (!told) throw gone();
      if (told.kind === TOLD_KIND.forked) return told;
    }
  }
}

const plainFork = (kind: ChildKind): RemoteFork => ({
  namespaces: 0,
  cgroup: undefined,
  preserveFds: 0,
  kind,
});

/** A process that has ended gets none. */
function sendSignal(pidfd: number, signal: number): void {
  try {
    pidfdSendSignal(pidfd, signal);
  } catch (error) {
    if (!hasErrno(error, 'ESRCH')) throw error;
  }
}

const gone = () => new RuntimeError('davit was killed during this command');

/** proc_pid_fdinfo(5): `flags` are octal. */
function isClosedByExec(pid: number, fd: number): boolean {
  const info = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1');
  return (Number.parseInt(/^flags:\s*(\d+)$/m.exec(info)![1]!, 8) & O_CLOEXEC) !== 0;
}

/** The process of a pidfd, as the kernel has it (proc_pid_fdinfo(5)). */
function pidOf(pidfd: number): number {
  const info = readFileSync(`/proc/self/fdinfo/${pidfd}`, 'utf8');
  return Number(/^Pid:\s*(-?\d+)$/m.exec(info)?.[1] ?? -1);
}
