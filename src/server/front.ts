import { closeSync, readFileSync } from 'node:fs';
import { RuntimeError } from '../errors/runtime-error.ts';
import type { InitParent, RemoteChild, RemoteFork } from '../init/remote/init-parent.ts';
import { FORK, TOLD_KIND } from '../machine/front/door.ts';
import { syscallError } from '../syscalls/ffi/libc.ts';
import { SOCK_SEQPACKET, socketpair } from '../syscalls/network/socket.ts';
import { peerCredentials } from '../syscalls/network/socket-options.ts';
import { cloneFlags } from '../syscalls/task/process.ts';
import type { Limits } from '../syscalls/task/rlimit.ts';
import type { Connection } from './connection.ts';
import type { Request } from './request.ts';

/** How long a front may take to fork, in milliseconds. */
const FORK_TIMEOUT_MS = 10_000;

/** The front of one command, as the parent of the processes that the command makes. */
export class Front implements InitParent {
  readonly stdio: readonly number[];
  readonly umask: number;
  readonly nofileLimit: Limits;
  readonly #connection: Connection;

  constructor(connection: Connection, { fds, numbers }: Request) {
    this.#connection = connection;
    this.stdio = [fds.stdin, fds.stdout, fds.stderr];
    this.umask = Number(numbers.umask & 0o777n);
    this.nofileLimit = { soft: numbers.softNoFile, hard: numbers.hardNoFile };
  }

  get pid(): number {
    return peerCredentials(this.#connection.socket).pid;
  }

  check(): void {
    if (!this.#connection.isOpen) throw gone();
  }

  async fork({ namespaces, cgroup, preserveFds }: RemoteFork): Promise<RemoteChild> {
    const firstFd = 3 + preserveFds;
    const text = Buffer.alloc(FORK.size);
    text.writeBigUInt64LE(cloneFlags(namespaces, cgroup), FORK.flags);
    text.writeUInt32LE(firstFd, FORK.firstFd);
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

  async #forked(): Promise<Pick<RemoteChild, 'pid' | 'pidfd'>> {
    const told = await this.#connection.hear(FORK_TIMEOUT_MS);
    if (told?.kind !== TOLD_KIND.forked) throw gone();
    if (told.value < 0) throw syscallError(-told.value, 'clone3', 'clone3 in the front');
    if (told.fd === undefined) throw new RuntimeError('the front has passed no pidfd');
    return { pid: pidOf(told.fd), pidfd: told.fd };
  }
}

const gone = () => new RuntimeError('davit was killed during this command');

/** The process of a pidfd, as the kernel has it (proc_pid_fdinfo(5)). */
function pidOf(pidfd: number): number {
  const info = readFileSync(`/proc/self/fdinfo/${pidfd}`, 'latin1');
  return Number(/^Pid:\s*(-?\d+)$/m.exec(info)?.[1] ?? -1);
}
