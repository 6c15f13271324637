import { atField, FieldError } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { makeTimeNamespace } from '../../namespaces/time-namespace.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import {
  receiveMessage,
  SOCK_SEQPACKET,
  sendMessage,
  socketpair,
} from '../../syscalls/network/socket.ts';
import { CLONE_NEWTIME, CLONE_NEWUSER, setns, unshare } from '../../syscalls/task/namespaces.ts';
import { setDumpable } from '../../syscalls/task/prctl.ts';
import { CLONE_PARENT, exitNow, waitpid } from '../../syscalls/task/process.ts';
import { MAX_PACKET } from '../channel/protocol.ts';
import { fromPacket, toPacket } from '../channel/wire.ts';
import { TRAMPOLINE_NAME } from '../trampoline/trampoline-name.ts';
import { discard, type Forked, fork } from './fork.ts';
import { MemoryMap } from './memory-map.ts';

/** A namespace to enter. */
export interface JoinedNamespace {
  /** CLONE_NEW*. */
  flag: number;
  fd: number;
  /** The field of config.json that asks for it: `linux.namespaces[1].path`. */
  configPath: string;
}

/** The namespaces a process is to be in. */
export interface NamespacePlan {
  join: readonly JoinedNamespace[];
  /** CLONE_NEW* of those to create. */
  create: number;
  /** Lines for /proc/self/timens_offsets (time_namespaces(7)), when one is created with offsets. */
  timeOffsets?: string;
  /** An fd of the cgroup v2 directory to be born in. */
  cgroup?: number | undefined;
  /** The process is undumpable before it joins: processes in these namespaces cannot trace it. */
  undumpable?: boolean;
  /** The forked process itself joins `join`, without a helper process. See enterNamespaces. */
  childJoins?: boolean;
  /** Runs before the process becomes undumpable, for what only a dumpable process can do. */
  beforeUndumpable?: () => void;
}

/**
 * Joins the existing namespaces of `plan`; a pid namespace is for the next child. The process was
 * forked for this, and has one thread.
 */
export function enterNamespaces(plan: NamespacePlan): void {
  plan.beforeUndumpable?.();
  if (plan.undumpable) setDumpable(false);
  joinAll(plan.join);
}

/** Makes the new namespaces of `plan`, in such a process; the time namespace for the next child. */
export function makeNamespaces(plan: NamespacePlan): void {
  unshare(makeTime(plan));
}

/** Makes the time namespace with offsets; returns the flags of the namespaces that are left. */
function makeTime({ create, timeOffsets }: NamespacePlan): number {
  if (!timeOffsets) return create;
  makeTimeNamespace(timeOffsets);
  return create & ~CLONE_NEWTIME;
}

/**
 * Forks a process into `plan`. Entering existing namespaces takes a helper process: setns(2) works
 * only in a single-threaded process, and a pid namespace is entered by the next child.
 */
export function forkInto(plan: NamespacePlan, child: () => void): Forked {
  if (plan.join.length === 0 && !plan.timeOffsets) return fork(plan.create, child, plan);
  const [ours, theirs] = socketpair(SOCK_SEQPACKET);
  try {
    const helper = forkHelper(plan, theirs, child);
    const answer = receiveMessage(ours, MAX_PACKET, 1);
    return readAnswer(helper, answer);
  } finally {
    closeFd(ours);
  }
}

function forkHelper(plan: NamespacePlan, socket: number, child: () => void): Forked {
  try {
    const helper = fork(0, () => runHelper(plan, socket, child));
    closeFd(helper.pidfd);
    return helper;
  } finally {
    closeFd(socket);
  }
}

/** The helper's side: enters, forks the real child as its own sibling, and ends. */
function runHelper(plan: NamespacePlan, socket: number, child: () => void): never {
  const killed: number[] = [];
  const reap = (pid: number): void => {
    killed.push(pid);
  };
  try {
    const map = new MemoryMap();
    // Every process in the pid namespace can read the command line, which may hold secrets.
    process.title = TRAMPOLINE_NAME.join(' ');
    enterNamespaces(plan);
    const flags = makeTime(plan) | CLONE_PARENT;
    const { pid, pidfd } = fork(flags, child, { map, cgroup: plan.cgroup, reap });
    sendMessage(socket, toPacket({ pid, killed }), [pidfd]);
  } catch (error) {
    sendMessage(socket, toPacket({ error, killed }));
  }
  exitNow(0);
}

/**
 * Enters every namespace. Those of the host's user namespace must be entered before the container's
 * user namespace, those of the container's after it: so try all, enter it, try the rest again.
 * Returns them in the order in which they were entered.
 */
export function joinAll(namespaces: readonly JoinedNamespace[]): JoinedNamespace[] {
  const user = namespaces.filter(({ flag }) => flag === CLONE_NEWUSER);
  const rest = namespaces.filter(({ flag }) => flag !== CLONE_NEWUSER);
  const [first, refused] = user.length === 0 ? [[], rest] : joinSome(rest);
  const later = [...user, ...refused];
  for (const namespace of later) join(namespace);
  return [...first, ...later];
}

/** Tries to enter each. Returns those that it has entered, and those that it may not enter. */
function joinSome(namespaces: readonly JoinedNamespace[]): [JoinedNamespace[], JoinedNamespace[]] {
  const joined = namespaces.filter(tryJoin);
  return [joined, namespaces.filter((namespace) => !joined.includes(namespace))];
}

function tryJoin(namespace: JoinedNamespace): boolean {
  try {
    setns(namespace.fd, namespace.flag);
    return true;
  } catch (error) {
    if (hasErrno(error, 'EPERM')) return false;
    throw new FieldError(namespace.configPath, error);
  }
}

function join({ fd, flag, configPath }: JoinedNamespace): void {
  atField(configPath, () => setns(fd, flag));
}

function readAnswer(helper: Forked, { bytes, fds }: { bytes: Buffer; fds: number[] }): Forked {
  const answer: Answer = bytes.length > 0 ? fromPacket(bytes) : { error: new Error(SILENT) };
  const { pid = 0, killed = [], error } = answer;
  const forked = { pid, pidfd: fds[0]! };
  try {
    // Unreaped, they would keep the pid namespace that they were born in from ending.
    for (const ended of [helper.pid, ...killed]) waitpid(ended);
  } catch (unreaped) {
    if (!error) discard(forked, waitpid);
    throw unreaped;
  }
  if (error) throw error;
  return forked;
}

/** The helper's answer: the process, or why there is none; and the processes to reap. */
interface Answer {
  pid?: number;
  killed?: number[];
  error?: Error;
}

const SILENT = 'the process entering the namespaces ended unexpectedly';
