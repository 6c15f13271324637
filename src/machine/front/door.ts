import type { Machine } from '../machine.ts';

/*
 * The front's door into the server. Both sides are of one build, which the greeting names.
 *
 * The front sends one message of a SOCK_SEQPACKET socket:
 *
 *     greeting                  with the NUL at its end
 *     NUMBERS                   64 bits each, little-endian
 *     argv, then environ        strings, each with a NUL at its end
 *     DOOR_FDS                  by SCM_RIGHTS
 *
 * The server answers with messages of 64 bits and a text: the low half of the 64 bits is the kind of
 * the answer, the high half a value. The last of them says EXIT or COLD.
 *
 * FORK makes the process that is to be a container's init, or a process of `exec`: so it descends from
 * the caller. The front tells its pid, and passes a pidfd. The child ends with the front. It closes its
 * fds from FORK.firstFd on and waits at firstFd for messages on the socket of its own that came with
 * FORK. The fds of a message are numbered from firstFd + 1 on. A JOIN has one: the child joins the
 * namespace, or writes itself into the cgroup's file, and answers with what the call returned. Any other
 * message is the last one: strings that are the child's argv, and fds, of which it executes the first. In
 * a user namespace of its own it becomes root before: otherwise execve(2) would take its capabilities.
 *
 * SUPERVISE makes the front tell the signals that it gets and the children that end. REAP makes it tell
 * the end of one child. What the front tells are messages of TOLD.
 *
 * The permit is an eventfd that can be read once. The server reads it before it does what cannot be
 * done twice. The front reads it when the server is slow or has gone: if it gets the permit, nothing
 * was done, and it runs the command itself.
 */

/** What a message of this build begins with. */
export const greetingOf = (build: string): string => `davit door 1 ${build}`;

/** The numbers of a request, in this order. */
export const NUMBERS = ['argc', 'envc', 'umask', 'softNoFile', 'hardNoFile'] as const;

/** The fds of a request, in this order. */
export const DOOR_FDS = ['permit', 'cwd', 'stdin', 'stdout', 'stderr'] as const;

/** The kinds of an answer. */
export const ANSWER = {
  /** The command has ended with the status `value`. The text is EXIT's. */
  exit: 0,
  /** The text goes to the fd `value` of the front. */
  output: 1,
  /** The front runs the command itself. */
  cold: 2,
  /** The front forks, as the text says (FORK). Two fds come with it. */
  fork: 3,
  /** The front tells signals and ends of children from now on. */
  supervise: 4,
  /** The child `value` has ended: the front reaps it and tells its end. */
  reap: 5,
} as const;

/**
 * The text of a FORK. The fds with it are the socket for the child and, for CLONE_INTO_CGROUP, the
 * cgroup.
 */
export const FORK = {
  /** clone3(2)'s flags: 64 bits. */
  flags: 0,
  /** The fds below are kept. */
  firstFd: 8,
  options: 12,
  size: 16,
} as const;

/** The text of a JOIN. It begins with a NUL, unlike an argv. */
export const JOIN = {
  /** What is written into a cgroup's file. */
  self: 1,
  /** CLONE_NEW* of a namespace; 0 for a cgroup. */
  flag: 4,
  size: 8,
  /** The answer: 64 bits, negative for an errno. */
  answerSize: 8,
} as const;

/** The text of an EXIT. */
export const EXIT = {
  /** The children that the front reaps if they have ended: a pid, or ANY_CHILD (wait4(2)). */
  reaped: 0,
  size: 4,
} as const;
export const ANY_CHILD = -1;
/** No process has this pid. */
export const NO_CHILD = 0x7fffffff;

/** Bits of FORK.options. */
export const FORK_OPTIONS = {
  /** Signals are for the container from now on. */
  blockSignals: 1,
  /** Orphans of the container become the front's children. */
  subreaper: 2,
} as const;

/** What a front tells: 32 bits each. */
export const TOLD = { kind: 0, value: 4, pid: 8, size: 16 } as const;

/** Kinds of what a front tells. */
export const TOLD_KIND = {
  /** `value` is the child's pid, with its pidfd beside it, or a negative errno. */
  forked: 0,
  /** A signal `value` came, from the process `pid`. */
  signal: 1,
  /** The child `pid` ended with the wait status `value`. */
  ended: 2,
} as const;

/** The words of a child's argv before the container's id. */
export const CHILD_NAME = ['davit', 'init'] as const;
/** The most fds that a child gets in its message. */
export const MAX_CHILD_FDS = 60;
/** The longest argv of a child, in bytes. */
export const MAX_CHILD_ARGV = 4096;

export const ANSWER_HEADER_SIZE = 8;
/** The longest text of an answer, in bytes. */
export const MAX_TEXT = 16_384;

/** Seconds after which a server that has not begun counts as slow. */
export const PATIENCE = 1;

/** The variable that names another socket; empty for no server. */
export const SOCKET_VARIABLE = 'DAVIT_SERVER';
/** The socket of root's server. */
export const SYSTEM_SOCKET = '/run/davit/server.sock';
/** The socket of a user's server, below $XDG_RUNTIME_DIR. */
export const USER_SOCKET = '/davit/server.sock';
/** The longest path of a socket (unix(7)), with its NUL. */
export const SOCKET_PATH_SIZE = 108;

/** SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK (sys/socket.h). */
export const SOCKET_TYPE = 0o2004005;
/** EFD_CLOEXEC | EFD_NONBLOCK (sys/eventfd.h). */
export const PERMIT_FLAGS = 0o2004000;
/** O_PATH | O_CLOEXEC (fcntl.h). */
export const CWD_FLAGS = 0o12000000;
/** struct ucred: pid, uid and gid (sys/socket.h). */
export const CREDENTIALS = { uid: 4, size: 12 } as const;
/** struct sockaddr_un: the family and the path (sys/un.h). */
export const ADDRESS = { path: 2, size: 2 + SOCKET_PATH_SIZE } as const;
/** struct msghdr (bits/types/struct_msghdr.h), 64-bit. */
export const MESSAGE = {
  parts: 16,
  partCount: 24,
  control: 32,
  controlSize: 40,
  flags: 48,
} as const;
/** struct cmsghdr (bits/socket.h), 64-bit. */
export const RIGHTS = { level: 8, type: 12, fds: 16, size: 16 + 4 * DOOR_FDS.length } as const;

/** The message of a child's fds. */
export const CHILD_RIGHTS_SIZE = 16 + 4 * MAX_CHILD_FDS;
/** The fds of a FORK. */
export const FORK_RIGHTS_SIZE = 16 + 8;
/** struct signalfd_siginfo (sys/signalfd.h). */
export const SIGNAL_INFO = { signal: 0, pid: 12, size: 128 } as const;
/** struct clone_args (linux/sched.h). */
export const CLONE = { pidfd: 8, exitSignal: 32, cgroup: 80, size: 88 } as const;
/** linux/sched.h */
export const CLONE_NEWUSER = 0x10000000;
/** SFD_CLOEXEC | SFD_NONBLOCK (sys/signalfd.h). */
export const SIGNALFD_FLAGS = 0o2004000;
/** MSG_DONTWAIT | MSG_CMSG_CLOEXEC (sys/socket.h). */
export const RECEIVE_FLAGS = 0x40000040;

/** What the front keeps on the stack: offsets from its bottom. */
export const DOOR = {
  address: 8,
  message: 120,
  /** Three of struct iovec. */
  parts: 176,
  rights: 224,
  numbers: 264,
  /** Two of struct pollfd. */
  poll: 304,
  /** struct timespec. */
  timeout: 320,
  credentials: 336,
  credentialsSize: 348,
  /** The kernel's struct sigaction. */
  action: 352,
  clone: 384,
  pidfd: 472,
  status: 476,
  told: 480,
  mask: 496,
  /** Three strings and NULL. */
  childArgv: 504,
  signalInfo: 536,
  childRights: 664,
  /** The longest answer ends below `size`. */
  answer: 920,
  size: 0x5000,
} as const;
/** Where the text of an answer is. */
export const TEXT = DOOR.answer + ANSWER_HEADER_SIZE;

/** The directory of a user's sockets (XDG Base Directory Specification). */
const RUNTIME_DIRECTORY = 'XDG_RUNTIME_DIR';
/** Set for a process that gets sockets passed (sd_listen_fds(3)), as a server does. */
const PASSED_SOCKETS = 'LISTEN_FDS';

/** Puts the data of the door behind the instructions. */
export function putDoorData(m: Machine, build: string): void {
  m.text('greeting', greetingOf(build));
  m.text('socketVariable', `${SOCKET_VARIABLE}=`);
  m.text('passedVariable', `${PASSED_SOCKETS}=`);
  m.text('runtimeVariable', `${RUNTIME_DIRECTORY}=`);
  m.text('systemSocket', SYSTEM_SOCKET);
  m.text('userSocket', USER_SOCKET);
  m.text('here', '.');
  m.text('emptyPath', '');
  m.text('serverLost', 'davit: the server ended during this command, which may be half done\n');
  m.text('notWritten', 'davit: cannot write the output: errno ', ' of write(2)\n');
}
