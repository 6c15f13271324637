import type { Limits } from '../../syscalls/task/rlimit.ts';
import type { Forked } from '../fork/fork.ts';

/** How {@link InitParent} is to fork. */
export interface RemoteFork {
  /** CLONE_NEW* of the namespaces to be born in. */
  namespaces: number;
  /** An fd of the cgroup v2 directory to be born in. */
  cgroup: number | undefined;
  /** How many fds after stdio the child keeps. */
  preserveFds: number;
  /** Signals to the front are for the child from now on: {@link InitParent.supervise} follows. */
  foreground: boolean;
}

/** A child that waits for its program. The fds are close-on-exec and the holder's to close. */
export interface RemoteChild extends Forked {
  /** The socket by which it gets the program: the message is its argv, with the fds. */
  socket: number;
  /** The number that the program's fd has in the child. The others that come with it follow. */
  programFd: number;
}

/**
 * The front of a command that a server runs: the process that the container's init descends from. Its
 * children inherit from it what they would inherit from a runtime that the caller has started.
 */
export interface InitParent {
  readonly pid: number;
  /** Copies of its fds 0, 1 and 2. */
  readonly stdio: readonly number[];
  readonly umask: number;
  /** RLIMIT_NOFILE. */
  readonly nofileLimit: Limits;
  /** Orphans of its children are to become its own, from the next fork on. */
  adoptOrphans(): void;
  /** Waits for the end of a child, and forwards signals to it. Returns its status, as a shell shows it. */
  supervise(child: Forked): Promise<number>;
  /** Throws if the front has gone. */
  check(): void;
  /** Throws if the front has gone, or cannot fork. */
  fork(request: RemoteFork): Promise<RemoteChild>;
}
