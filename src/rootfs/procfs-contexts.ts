import { constants } from 'node:os';
import { MAX_PACKET, REPORT_SIZE } from '../init/channel/protocol.ts';
import { fromPacket, toPacket } from '../init/channel/wire.ts';
import { fork } from '../init/fork/fork.ts';
import { enterNamespaces, type JoinedNamespace } from '../init/fork/join.ts';
import { cString } from '../init/trampoline/blob.ts';
import {
  buildTrampoline,
  PREVIOUS_RESULT,
  type TrampolineCall,
} from '../init/trampoline/build-trampoline.ts';
import { execTrampoline } from '../init/trampoline/exec-trampoline.ts';
import { inheritFds } from '../init/trampoline/inherit-fds.ts';
import { passFds } from '../init/trampoline/pass-fds.ts';
import { TRAMPOLINE_NAME } from '../init/trampoline/trampoline-name.ts';
import { applyCapabilities, limitBoundingSet } from '../process/capability-sets.ts';
import { syscallError } from '../syscalls/ffi/libc.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';
import { AT_FDCWD, O_CLOEXEC, O_PATH, openat } from '../syscalls/files/file.ts';
import { MS_REC, MS_SLAVE, mount } from '../syscalls/mount/mount.ts';
import {
  FSOPEN_CLOEXEC,
  fsconfigCreate,
  fsmount,
  fsopen,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  moveMount,
} from '../syscalls/mount/mount-api.ts';
import {
  receiveMessage,
  SOCK_SEQPACKET,
  sendMessage,
  socketpair,
} from '../syscalls/network/socket.ts';
import { CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, unshare } from '../syscalls/task/namespaces.ts';
import { waitpid } from '../syscalls/task/process.ts';
import { openPrivateProcfs } from './procfs.ts';
import { swapRoots } from './swap-roots.ts';

const { SIGCHLD } = constants.signals;

/**
 * Opens `count` contexts (fsopen(2)) for a procfs of the pid namespace in `join`. Before Linux 6.18
 * a context is for the pid namespace of the process that opens it, so a process is made in there.
 * Other processes there may do anything to it (enterPidNamespace): so it is a sealed program, its
 * fds are a socket and the contexts, its root directory is empty, and its one capability is over
 * its own user namespace.
 */
export function openProcfsContexts(
  join: readonly JoinedNamespace[],
  trampoline: number,
  count: number,
): number[] {
  const [ours, theirs] = socketpair(SOCK_SEQPACKET);
  try {
    const opener = fork(0, () => becomeOpener(join, { socket: theirs, trampoline, count }));
    closeFd(opener.pidfd);
    closeFd(theirs);
    const answer = receiveMessage(ours, MAX_PACKET, count);
    waitpid(opener.pid);
    return contextsIn(answer);
  } finally {
    closeFd(ours);
  }
}

function contextsIn({ bytes, fds }: ReturnType<typeof receiveMessage>): number[] {
  if (fds.length > 0) return fds;
  if (bytes.length === 0) throw new Error('the process in the pid namespace ended unexpectedly');
  if (bytes.length === REPORT_SIZE) {
    throw syscallError(bytes.readInt32LE(4), 'fsopen', 'open a procfs of the pid namespace');
  }
  throw fromPacket<{ error: Error }>(bytes).error;
}

interface Opener {
  socket: number;
  trampoline: number;
  count: number;
}

function becomeOpener(join: readonly JoinedNamespace[], opener: Opener): void {
  try {
    const procfs = openPrivateProcfs();
    const wanted = join.filter(({ flag }) => flag === CLONE_NEWPID || flag === CLONE_NEWUSER);
    enterNamespaces({ join: wanted, create: 0, undumpable: true });
    makeOwnNamespaces();
    leaveRoot();
    keepOneCapability();
    inheritFds({ procfs, preserveFds: NOT_EVEN_STDIO, keptFds: [opener.socket] });
    const image = buildTrampoline({
      calls: openerCalls(opener),
      exec: { path: '', argv: [], env: [] },
      reportFd: opener.socket,
    });
    execTrampoline(image, TRAMPOLINE_NAME, opener.trampoline);
  } catch (error) {
    sendMessage(opener.socket, toPacket({ error }));
  }
}

const NOT_EVEN_STDIO = -3;

/**
 * Makes a mount namespace, where possible in a new user namespace: fsopen(2) needs CAP_SYS_ADMIN
 * over the mount namespace.
 */
function makeOwnNamespaces(): void {
  try {
    unshare(CLONE_NEWUSER | CLONE_NEWNS);
  } catch {
    unshare(CLONE_NEWNS);
  }
}

/** The new root is empty, and nothing of the old one is left in the mount namespace. */
function leaveRoot(): void {
  mount(null, '/', null, MS_SLAVE | MS_REC, null);
  const fsFd = fsopen('tmpfs');
  fsconfigCreate(fsFd);
  const root = fsmount(fsFd, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  moveMount(root, openat(AT_FDCWD, '/', O_PATH));
  swapRoots(root);
}

/** As ambient: in a user namespace without id maps, exec keeps no other capability. */
function keepOneCapability(): void {
  const one = ['CAP_SYS_ADMIN'];
  limitBoundingSet({ bounding: one });
  applyCapabilities({ effective: one, permitted: one, inheritable: one, ambient: one });
}

/** The calls that make a child, which opens the contexts and sends them. */
function openerCalls({ socket, count }: Opener): TrampolineCall[] {
  const numbers = Array.from({ length: count }, (_, i) => socket + 1 + i);
  return [
    { syscall: 'clone', arguments: [SIGCHLD], whenZero: 3 },
    { syscall: 'wait4', arguments: [-1] },
    { syscall: 'exit_group', arguments: [0] },
    ...numbers.flatMap((number): TrampolineCall[] => [
      { syscall: 'fsopen', arguments: [cString('proc'), FSOPEN_CLOEXEC] },
      { syscall: 'dup3', arguments: [PREVIOUS_RESULT, number, O_CLOEXEC] },
    ]),
    passFds(socket, numbers),
    { syscall: 'exit_group', arguments: [0] },
  ];
}
