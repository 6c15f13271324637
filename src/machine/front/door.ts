import type { Assembler } from '../assembler.ts';

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
 * The permit is an eventfd that can be read once. The server reads it before it does what cannot be
 * done twice. The front reads it when the server is slow or has gone: if it gets the permit, nothing
 * was done, and it runs the command itself.
 */

/** What a message of this build begins with. */
export const greetingOf = (build: string): string => `davit door 1 ${build}`;

/** The numbers of a request, in this order. */
export const NUMBERS = ['argc', 'envc', 'umask', 'softNoFile', 'hardNoFile'] as const;

/** The fds of a request, in this order. */
export const DOOR_FDS = ['permit', 'cwd', 'stdout', 'stderr'] as const;

/** The kinds of an answer. */
export const ANSWER = {
  /** The command has ended with the status `value`. */
  exit: 0,
  /** The text goes to the fd `value` of the front. */
  output: 1,
  /** The front runs the command itself. */
  cold: 2,
} as const;

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

/** What the front keeps on the stack: offsets from its bottom. */
export const DOOR = {
  address: 8,
  message: 120,
  /** Three of struct iovec. */
  parts: 176,
  rights: 224,
  numbers: 256,
  /** struct pollfd. */
  poll: 296,
  /** struct timespec. */
  timeout: 304,
  credentials: 320,
  credentialsSize: 332,
  /** The kernel's struct sigaction. */
  action: 336,
  /** The longest answer ends below `size`. */
  answer: 368,
  size: 0x5000,
} as const;

/** The directory of a user's sockets (XDG Base Directory Specification). */
const RUNTIME_DIRECTORY = 'XDG_RUNTIME_DIR';
/** Set for a process that gets sockets passed (sd_listen_fds(3)), as a server does. */
const PASSED_SOCKETS = 'LISTEN_FDS';

/** Puts the data of the door behind the instructions, on both architectures. */
export function putDoorData(a: Assembler, build: string): void {
  a.word('socketType', SOCKET_TYPE);
  a.word('permitFlags', PERMIT_FLAGS);
  a.word('cwdFlags', CWD_FLAGS);
  a.text('greeting', greetingOf(build));
  a.text('socketVariable', `${SOCKET_VARIABLE}=`);
  a.text('passedVariable', `${PASSED_SOCKETS}=`);
  a.text('runtimeVariable', `${RUNTIME_DIRECTORY}=`);
  a.text('systemSocket', SYSTEM_SOCKET);
  a.text('userSocket', USER_SOCKET);
  a.text('here', '.');
  a.text('serverLost', 'davit: the server ended during this command, which may be half done\n');
  a.text('notWritten', 'davit: cannot write the output: errno ', ' of write(2)\n');
}
