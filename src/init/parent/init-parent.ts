import type { PollFd } from '../../syscalls/poll/poll.ts';
import type { ReplacementProgram } from '../../syscalls/switch/switch.ts';
import type { Limits } from '../../syscalls/task/rlimit.ts';
import type { SpawnOptions } from '../../syscalls/task/spawn.ts';
import type { Forked } from '../fork/fork.ts';

/** How a {@link RemoteParent} is to fork. */
export interface RemoteFork {
  /** CLONE_NEW* of the namespaces to be born in. */
  namespaces: number;
  /** An fd of the cgroup v2 directory to be born in. */
  cgroup: number | undefined;
  /** How many fds after stdio the child keeps. */
  preserveFds: number;
  kind: ChildKind;
}

/**
 * `detached`: a program that outlives the command. `foreground`: from now on signals to the front are
 * for this child, and the caller calls {@link RemoteParent.supervise}. `hook`: the caller calls
 * {@link InitParent.reap}. `placeholder`: it is only there.
 */
export type ChildKind = 'detached' | 'foreground' | 'hook' | 'placeholder';

/** A child that waits for its program. The fds are close-on-exec and the holder's to close. */
export interface RemoteChild extends Forked {
  /** The socket by which it gets the program: the message is its argv, with the fds. */
  socket: number;
  /** The number that the program's fd has in the child. The others that come with it follow. */
  programFd: number;
}

/** A child that sleeps until it is killed, for systemd to make a scope around. */
export interface Placeholder {
  readonly pid: number;
  /** May be called again. */
  kill(): void;
  /** Kills it, and waits for its end. */
  end(): Promise<void>;
}

/** The process whose child init is: this process, or the front of a command that a server runs. */
export interface InitParent {
  readonly pid: number;
  /** The name of its directory in this process's /proc. */
  readonly procEntry: number | 'self';
  /** RLIMIT_NOFILE, which its children inherit. */
  readonly nofileLimit: Limits;
  /** This parent, if it is not this process. */
  readonly remote: RemoteParent | undefined;
  /** Runs `action`, which creates a file, with the parent's umask. */
  creating<T>(action: () => T): T;
  /** Makes orphans of its children its own children. A front does so at its next fork. */
  adoptOrphans(): void;
  /** Makes a {@link Placeholder}. */
  makePlaceholder(): Promise<Placeholder>;
  /** Throws if the parent has gone. */
  check(): void;
  /** Kills a child, and waits for its end. */
  kill(child: Forked): void;
  /** Waits for the end of a child. */
  awaitEnd(child: Forked): void;
  /** Starts a program that {@link reap} waits for. The pidfd is the caller's to close. */
  spawn(program: SpawnOptions): Promise<Forked>;
  /** Waits for the end of a hook. Returns its wait status (bits/waitstatus.h). */
  reap(child: Forked): Promise<number>;
  /** For poll(2), while a child is awaited: one of these is ready when the parent has gone. */
  readonly polled: readonly PollFd[];
}

/**
 * The front as the parent. Its children inherit from it what they would inherit from a runtime that the
 * caller has started.
 */
export interface RemoteParent extends InitParent {
  /** Copies of its fds 0, 1 and 2. */
  readonly stdio: readonly number[];
  readonly umask: number;
  /** The fds that its caller has passed on. */
  readonly inheritedFds: ReadonlySet<number>;
  /** What this process executes if a helper takes its thread of JavaScript away: see Switch. */
  readonly replacement: ReplacementProgram | undefined;
  /** Waits for the end of a child, and forwards signals to it. Returns its status, as a shell shows it. */
  supervise(child: Forked): Promise<number>;
  /** Throws if the front has gone, or cannot fork. */
  fork(request: RemoteFork): Promise<RemoteChild>;
}
