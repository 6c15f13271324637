import {
  type Arm64,
  at,
  sp,
  w0,
  w1,
  w2,
  w3,
  w9,
  w10,
  x0,
  x1,
  x2,
  x3,
  x4,
  x9,
  x10,
  x19,
  x20,
  x21,
  x22,
  x23,
  x24,
  x25,
} from '../arm64.ts';
import * as constants from '../constants.ts';
import { FRAME, type FrontSettings } from './data.ts';
import * as door from './door.ts';

const SLASH = '/'.charCodeAt(0);
const { ADDRESS, ANSWER, CLONE, CREDENTIALS, DOOR, EXIT, FORK, FORK_OPTIONS, JOIN, MESSAGE } = door;
const { RIGHTS, SIGNAL_INFO, TOLD, TOLD_KIND } = door;
/** The text of an answer. */
const TEXT = DOOR.answer + door.ANSWER_HEADER_SIZE;

/**
 * Asks the server to run the command, and ends with the command's status. If no server runs it, the
 * front goes on "cold": behind this code, which runs the command itself. It needs only sp as
 * before. Registers: x19 and x20 as in arm64.ts; x21 the socket, x25 the permit.
 */
export function askServer(a: Arm64, settings: FrontSettings): void {
  a.sub(sp, sp, DOOR.size);
  findSocket(a);
  connect(a);
  countStrings(a);
  sendRequest(a, settings);
  awaitAnswer(a);
  writeOutput(a);
  fork(a);
  beChild(a);
  supervise(a);
  reapChild(a);
  tell(a);
  a.label('cold');
  a.mov(sp, x20);
}

/**
 * Writes the path of the socket into the address. Asks no server if the caller passed sockets: the
 * command then needs a process of its own.
 */
function findSocket(a: Arm64): void {
  findVariable(a, 'passedVariable');
  a.cbnz(x1, 'cold');
  a.mov(w9, constants.AF_UNIX);
  a.str(w9, at(sp, DOOR.address));
  findVariable(a, 'socketVariable');
  a.cbnz(x1, 'socket named');
  a.syscall('geteuid');
  a.adr(x1, 'systemSocket');
  a.cbz(w0, 'socket named');

  findVariable(a, 'runtimeVariable');
  a.cbz(x1, 'cold');
  checkPath(a, door.SOCKET_PATH_SIZE - door.USER_SOCKET.length);
  a.add(x0, sp, DOOR.address + ADDRESS.path);
  a.bl('append');
  a.adr(x1, 'userSocket');
  a.bl('append');
  a.b('connect');

  a.label('socket named');
  checkPath(a, door.SOCKET_PATH_SIZE);
  a.add(x0, sp, DOOR.address + ADDRESS.path);
  a.bl('append');
}

/** Leaves the value of a variable in x1: 0 where there is none. `name` is a label. */
function findVariable(a: Arm64, name: string): void {
  a.ldr(x9, at(x19));
  a.add(x23, x19, 16);
  a.add(x23, x23, x9, 3);
  a.label(`${name} next`);
  a.ldr(x1, at(x23));
  a.cbz(x1, `${name} found`);
  a.add(x23, x23, 8);
  a.adr(x0, name);
  a.bl('begins');
  a.cbnz(w9, `${name} next`);
  a.label(`${name} found`);
}

/**
 * Gives up on the server unless the string at x1 is an absolute path of at most `most` bytes,
 * NUL included.
 */
function checkPath(a: Arm64, most: number): void {
  a.ldrb(w9, at(x1));
  a.cmp(w9, SLASH);
  a.bne('cold');
  a.mov(x0, x1);
  a.bl('skip');
  a.sub(x0, x0, x1);
  a.cmp(x0, most + 1);
  a.bcs('cold');
}

/** The server must be of the same user: others would get the environment and the fds. */
function connect(a: Arm64): void {
  a.label('connect');
  a.mov(x0, constants.AF_UNIX);
  a.ldr(w1, 'socketType');
  a.mov(x2, 0);
  a.syscall('socket');
  a.tbnz(x0, 63, 'cold');
  // Where the caller has closed stdin, stdout or stderr, the front's own fds would pass for them.
  a.cmp(x0, constants.STDERR + 1);
  a.bcc('cold');
  a.mov(x21, x0);
  a.add(x1, sp, DOOR.address);
  a.mov(x2, ADDRESS.size);
  a.syscall('connect');
  a.tbnz(x0, 63, 'cold');

  a.mov(x0, x21);
  a.mov(x1, constants.SOL_SOCKET);
  a.mov(x2, constants.SO_PEERCRED);
  a.add(x3, sp, DOOR.credentials);
  a.add(x4, sp, DOOR.credentialsSize);
  a.mov(w9, CREDENTIALS.size);
  a.str(w9, at(sp, DOOR.credentialsSize));
  a.syscall('getsockopt');
  a.tbnz(x0, 63, 'cold');
  a.syscall('geteuid');
  a.ldr(w9, at(sp, DOOR.credentials + CREDENTIALS.uid));
  a.cmp(w0, w9);
  a.bne('cold');
}

/**
 * argv and environ are one run of strings, as the kernel laid them: from x22 to x0. The server
 * counts them again.
 */
function countStrings(a: Arm64): void {
  a.ldr(x9, at(x19));
  a.cbz(x9, 'cold');
  a.str(x9, at(sp, DOOR.numbers));
  a.ldr(x22, at(x19, 8));
  a.add(x23, x19, x9, 3);
  a.ldr(x0, at(x23));
  a.add(x23, x23, 16);
  a.mov(x2, 0);
  a.label('count');
  a.ldr(x1, at(x23));
  a.cbz(x1, 'counted');
  a.mov(x0, x1);
  a.add(x23, x23, 8);
  a.add(x2, x2, 1);
  a.b('count');
  a.label('counted');
  a.str(x2, at(sp, DOOR.numbers + 8));
  a.bl('skip');
}

/** Registers: x22 the first string, x0 the end of the last. */
function sendRequest(a: Arm64, { build }: FrontSettings): void {
  a.sub(x0, x0, x22);
  a.str(x22, at(sp, DOOR.parts + 32));
  a.str(x0, at(sp, DOOR.parts + 40));
  a.adr(x9, 'greeting');
  a.mov(x10, door.greetingOf(build).length + 1);
  a.str(x9, at(sp, DOOR.parts));
  a.str(x10, at(sp, DOOR.parts + 8));
  a.add(x9, sp, DOOR.numbers);
  a.mov(x10, 8 * door.NUMBERS.length);
  a.str(x9, at(sp, DOOR.parts + 16));
  a.str(x10, at(sp, DOOR.parts + 24));

  a.mov(x0, 0);
  a.syscall('umask');
  a.str(x0, at(sp, DOOR.numbers + 16));
  a.syscall('umask');
  a.ldr(x9, at(x20, FRAME.limit.soft));
  a.str(x9, at(sp, DOOR.numbers + 24));
  a.ldr(x9, at(x20, FRAME.limit.hard));
  a.str(x9, at(sp, DOOR.numbers + 32));
  putFds(a);
  sendParts(a);
}

/** Makes the permit, and the control message with DOOR_FDS. */
function putFds(a: Arm64): void {
  a.mov(x0, 1);
  a.ldr(w1, 'permitFlags');
  a.syscall('eventfd2');
  a.tbnz(x0, 63, 'cold');
  a.mov(x25, x0);
  a.ldr(w0, 'workingDirectory');
  a.adr(x1, 'here');
  a.ldr(w2, 'cwdFlags');
  a.syscall('openat');
  a.tbnz(x0, 63, 'cold');
  a.mov(x9, x25);
  a.str(w9, at(sp, DOOR.rights + RIGHTS.fds));
  a.str(w0, at(sp, DOOR.rights + RIGHTS.fds + 4));
  for (const fd of [constants.STDIN, constants.STDOUT, constants.STDERR]) {
    a.mov(w9, fd);
    a.str(w9, at(sp, DOOR.rights + RIGHTS.fds + 8 + 4 * fd));
  }
  a.mov(x10, RIGHTS.size);
  a.str(x10, at(sp, DOOR.rights));
  a.mov(w9, constants.SOL_SOCKET);
  a.str(w9, at(sp, DOOR.rights + RIGHTS.level));
  a.mov(w9, constants.SCM_RIGHTS);
  a.str(w9, at(sp, DOOR.rights + RIGHTS.type));
}

/** In: x10 the size of the control message. */
function sendParts(a: Arm64): void {
  a.mov(x9, 0);
  a.str(x9, at(sp, DOOR.message));
  a.str(x9, at(sp, DOOR.message + 8));
  a.str(x9, at(sp, DOOR.message + MESSAGE.flags));
  a.str(x10, at(sp, DOOR.message + MESSAGE.controlSize));
  a.add(x9, sp, DOOR.rights);
  a.str(x9, at(sp, DOOR.message + MESSAGE.control));
  a.add(x9, sp, DOOR.parts);
  a.str(x9, at(sp, DOOR.message + MESSAGE.parts));
  a.mov(x9, 3);
  a.str(x9, at(sp, DOOR.message + MESSAGE.partCount));
  a.mov(x0, x21);
  a.add(x1, sp, DOOR.message);
  a.mov(x2, constants.MSG_NOSIGNAL);
  a.syscall('sendmsg');
  a.tbnz(x0, 63, 'cold');
}

/** Registers: x22 the timeout, 0 for none. */
function awaitAnswer(a: Arm64): void {
  a.mov(x9, door.PATIENCE);
  a.str(x9, at(sp, DOOR.timeout));
  a.mov(x9, 0);
  a.str(x9, at(sp, DOOR.timeout + 8));
  a.add(x22, sp, DOOR.timeout);

  a.label('await answer');
  a.mov(x9, x21);
  a.str(w9, at(sp, DOOR.poll));
  a.mov(w9, constants.POLLIN);
  a.str(w9, at(sp, DOOR.poll + 4));
  a.mov(x2, x22);
  poll(a);
  a.tbnz(x0, 63, 'await answer');
  a.cbnz(x0, 'receive answer');
  takePermit(a);
  a.beq('cold');
  a.mov(x22, 0);
  a.b('await answer');
  receiveAnswer(a);
  exit(a);
  loseServer(a);
}

/** Receives an answer, and goes to the code for its kind. */
function receiveAnswer(a: Arm64): void {
  a.label('receive answer');
  a.add(x9, sp, DOOR.answer);
  a.mov(x10, door.ANSWER_HEADER_SIZE + door.MAX_TEXT);
  onePart(a);
  a.add(x9, sp, DOOR.rights);
  a.mov(x10, door.FORK_RIGHTS_SIZE);
  control(a);
  a.mov(x0, x21);
  a.add(x1, sp, DOOR.message);
  a.ldr(w2, 'receiveFlags');
  a.syscall('recvmsg');
  a.cmn(x0, constants.EAGAIN);
  a.beq('await answer');
  a.tbnz(x0, 63, 'server gone');
  a.cmp(x0, door.ANSWER_HEADER_SIZE);
  a.bcc('server gone');
  a.ldr(w10, at(sp, DOOR.answer + 4));
  a.ldr(w9, at(sp, DOOR.answer));
  a.cmp(w9, ANSWER.output);
  a.beq('output');
  a.cmp(w9, ANSWER.fork);
  a.beq('fork');
  a.cmp(w9, ANSWER.supervise);
  a.beq('supervise');
  a.cmp(w9, ANSWER.reap);
  a.beq('reap child');
  a.cmp(w9, ANSWER.exit);
  a.bne('cold');
}

/** EXIT. In: x10 the status. */
function exit(a: Arm64): void {
  // Leaves the caller no zombie except the program, whose status it needs.
  a.mov(x21, x10);
  a.label('reap before exit');
  a.ldr(w0, at(sp, TEXT + EXIT.reaped));
  reapOne(a);
  a.tbnz(x0, 63, 'exit');
  a.cbnz(x0, 'reap before exit');
  a.label('exit');
  a.mov(x0, x21);
  a.syscall('exit_group');
  a.brk();
}

/** The connection has ended without EXIT or COLD. */
function loseServer(a: Arm64): void {
  a.label('server gone');
  takePermit(a);
  a.beq('cold');
  a.adr(x1, 'serverLost');
  a.b('say');
}

/** Polls one fd. In: x2 the timeout. */
function poll(a: Arm64, count = 1): void {
  a.add(x0, sp, DOOR.poll);
  a.mov(x1, count);
  a.mov(x3, 0);
  a.mov(x4, constants.SIGSET_SIZE);
  a.syscall('ppoll');
}

/** Compares equal if the permit was there: then the server never begins. */
function takePermit(a: Arm64): void {
  a.mov(x0, x25);
  a.add(x1, sp, DOOR.credentials);
  a.mov(x2, 8);
  a.syscall('read');
  a.cmp(x0, 8);
}

/**
 * The server has begun: from here on the front never runs the command itself.
 * Registers: x0 the size of the answer; x24 the fd, x23 the text, x22 its end.
 */
function writeOutput(a: Arm64): void {
  a.label('output');
  a.mov(x24, x10);
  a.add(x23, sp, DOOR.answer + door.ANSWER_HEADER_SIZE);
  a.add(x22, sp, DOOR.answer);
  a.add(x22, x22, x0);
  // A reader that has gone is no error, as for davit without a server.
  a.mov(x9, constants.SIG_IGN);
  a.str(x9, at(sp, DOOR.action));
  a.mov(x9, 0);
  for (const field of [8, 16, 24]) a.str(x9, at(sp, DOOR.action + field));
  a.mov(x0, constants.SIGPIPE);
  a.add(x1, sp, DOOR.action);
  a.mov(x2, 0);
  a.mov(x3, constants.SIGSET_SIZE);
  a.syscall('rt_sigaction');

  a.label('write text');
  a.sub(x2, x22, x23);
  a.cbz(x2, 'written');
  a.mov(x0, x24);
  a.mov(x1, x23);
  a.syscall('write');
  a.cmn(x0, constants.EAGAIN);
  a.beq('await reader');
  a.tbnz(x0, 63, 'not written');
  a.add(x23, x23, x0);
  a.b('write text');

  // Another process made the pipe non-blocking.
  a.label('await reader');
  a.mov(x9, x24);
  a.str(w9, at(sp, DOOR.poll));
  a.mov(w9, constants.POLLOUT);
  a.str(w9, at(sp, DOOR.poll + 4));
  a.mov(x2, 0);
  poll(a);
  a.b('write text');

  a.label('not written');
  a.cmn(x0, constants.EPIPE);
  a.beq('written');
  a.cmp(x24, constants.STDERR);
  a.beq('written');
  a.adr(x1, 'notWritten');
  a.neg(x2, x0);
  a.b('sayNumber');

  a.label('written');
  a.mov(x22, 0);
  a.b('await answer');
}

/** Gives the message its one part. In: x9 its address, x10 its size. */
function onePart(a: Arm64): void {
  a.str(x9, at(sp, DOOR.parts));
  a.str(x10, at(sp, DOOR.parts + 8));
  a.mov(x10, 1);
  a.str(x10, at(sp, DOOR.message + MESSAGE.partCount));
}

/** Gives the message room for fds. In: x9 the address, x10 the size. */
function control(a: Arm64): void {
  a.str(x9, at(sp, DOOR.message + MESSAGE.control));
  a.str(x10, at(sp, DOOR.message + MESSAGE.controlSize));
}

/** wait4(2) for a child that has ended; its status goes to DOOR.status. In: w0 the pid. */
function reapOne(a: Arm64): void {
  a.add(x1, sp, DOOR.status);
  a.mov(x2, constants.WNOHANG);
  a.mov(x3, 0);
  a.syscall('wait4');
}

/** FORK: sets signals and the subreaper as FORK.options say, and makes the child. */
function fork(a: Arm64): void {
  a.label('fork');
  a.ldr(w9, at(sp, TEXT + FORK.options));
  a.tbz(w9, bitOf(FORK_OPTIONS.blockSignals), 'signals stay');
  a.mov(x9, 1);
  a.neg(x9, x9);
  a.str(x9, at(sp, DOOR.mask));
  a.mov(x0, constants.SIG_SETMASK);
  a.add(x1, sp, DOOR.mask);
  a.mov(x2, 0);
  a.mov(x3, constants.SIGSET_SIZE);
  a.syscall('rt_sigprocmask');
  a.label('signals stay');
  a.ldr(w9, at(sp, TEXT + FORK.options));
  a.tbz(w9, bitOf(FORK_OPTIONS.subreaper), 'no subreaper');
  a.mov(x0, constants.PR_SET_CHILD_SUBREAPER);
  a.mov(x1, 1);
  for (const register of [x2, x3, x4]) a.mov(register, 0);
  a.syscall('prctl');
  a.label('no subreaper');
  cloneChild(a);
  tellFork(a);
}

/** Leaves the child's pid, or -errno, in x23. */
function cloneChild(a: Arm64): void {
  a.mov(x9, 0);
  for (let field = 0; field < CLONE.size; field += 8) a.str(x9, at(sp, DOOR.clone + field));
  a.ldr(x9, at(sp, TEXT + FORK.flags));
  a.str(x9, at(sp, DOOR.clone));
  a.add(x9, sp, DOOR.pidfd);
  a.str(x9, at(sp, DOOR.clone + CLONE.pidfd));
  a.mov(x9, constants.SIGCHLD);
  a.str(x9, at(sp, DOOR.clone + CLONE.exitSignal));
  a.ldr(w9, at(sp, DOOR.rights + RIGHTS.fds + 4));
  a.str(x9, at(sp, DOOR.clone + CLONE.cgroup));
  a.add(x0, sp, DOOR.clone);
  a.mov(x1, CLONE.size);
  a.syscall('clone3');
  a.cbz(x0, 'child');
  a.mov(x23, x0);
  for (const fd of [0, 4]) {
    a.ldr(w0, at(sp, DOOR.rights + RIGHTS.fds + fd));
    a.syscall('close');
  }
}

/** Reports the child and passes its pidfd. In: x23 its pid, or -errno. */
function tellFork(a: Arm64): void {
  a.mov(x9, 0);
  a.str(x9, at(sp, DOOR.told));
  a.str(x9, at(sp, DOOR.told + 8));
  a.mov(x9, x23);
  a.str(w9, at(sp, DOOR.told + TOLD.value));
  a.mov(x10, 0);
  a.tbnz(x23, 63, 'tell fork');
  a.ldr(w9, at(sp, DOOR.pidfd));
  a.str(w9, at(sp, DOOR.rights + RIGHTS.fds));
  a.mov(x10, RIGHTS.fds + 4);
  a.str(x10, at(sp, DOOR.rights));
  a.mov(w9, constants.SOL_SOCKET);
  a.str(w9, at(sp, DOOR.rights + RIGHTS.level));
  a.mov(w9, constants.SCM_RIGHTS);
  a.str(w9, at(sp, DOOR.rights + RIGHTS.type));
  a.label('tell fork');
  a.add(x9, sp, DOOR.rights);
  control(a);
  a.bl('tell');
  a.tbnz(x23, 63, 'await answer');
  a.ldr(w0, at(sp, DOOR.pidfd));
  a.syscall('close');
  a.b('await answer');
}

/** The child. Registers: x23 FORK.firstFd. */
function beChild(a: Arm64): void {
  a.label('child');
  // Until it executes its program, the child dies if the front dies.
  a.mov(x0, constants.PR_SET_PDEATHSIG);
  a.mov(x1, constants.SIGKILL);
  for (const register of [x2, x3, x4]) a.mov(register, 0);
  a.syscall('prctl');
  a.ldr(w9, at(sp, TEXT + FORK.firstFd));
  a.mov(x23, x9);
  a.ldr(w0, at(sp, DOOR.rights + RIGHTS.fds));
  a.mov(x1, x23);
  a.ldr(w2, 'closedByExec');
  a.syscall('dup3');
  a.add(x0, x23, 1);
  a.mov(x1, 1);
  a.neg(x1, x1);
  a.mov(x2, 0);
  a.syscall('close_range');
  awaitProgram(a);
  executeProgram(a);
}

/** Carries out each JOIN, until another message comes. Registers: x23 the child's socket. */
function awaitProgram(a: Arm64): void {
  a.label('await program');
  a.add(x9, sp, DOOR.answer);
  a.mov(x10, door.MAX_CHILD_ARGV);
  onePart(a);
  a.add(x9, sp, DOOR.childRights);
  a.mov(x10, door.CHILD_RIGHTS_SIZE);
  control(a);
  a.mov(x0, x23);
  a.add(x1, sp, DOOR.message);
  a.mov(x2, 0);
  a.syscall('recvmsg');
  a.tbnz(x0, 63, 'end child');
  a.cbz(x0, 'end child');
  a.ldrb(w9, at(sp, DOOR.answer));
  a.cbnz(w9, 'execute program');
  join(a);
}

/** In: x23 the child's socket, which is followed by the fds of the message. */
function executeProgram(a: Arm64): void {
  a.label('execute program');
  a.ldr(w9, at(sp, DOOR.clone));
  a.tbz(w9, door.CLONE_NEWUSER_BIT, 'has its ids');
  for (const call of ['setresgid', 'setresuid'] as const) {
    for (const register of [x0, x1, x2]) a.mov(register, 0);
    a.syscall(call);
  }
  a.label('has its ids');
  a.add(x23, x23, 1);
  a.mov(x0, x23);
  a.mov(x1, constants.F_SETFD);
  a.mov(x2, constants.FD_CLOEXEC);
  a.syscall('fcntl');
  a.add(x9, sp, DOOR.answer);
  a.str(x9, at(sp, DOOR.childArgv));
  door.CHILD_NAME.forEach((word, i) => {
    a.add(x9, x9, word.length + 1);
    a.str(x9, at(sp, DOOR.childArgv + 8 * (i + 1)));
  });
  a.mov(x9, 0);
  a.str(x9, at(sp, DOOR.childArgv + 24));
  a.mov(x0, x23);
  a.adr(x1, 'emptyPath');
  a.add(x2, sp, DOOR.childArgv);
  a.add(x3, sp, DOOR.childArgv + 24);
  a.mov(x4, constants.AT_EMPTY_PATH);
  a.syscall('execveat');
  a.label('end child');
  a.mov(x0, 1);
  a.syscall('exit_group');
  a.brk();
}

/** Registers: x23 the child's socket, x22 the fd that came with the JOIN. */
function join(a: Arm64): void {
  a.add(x22, x23, 1);
  a.mov(x0, x22);
  a.ldr(w1, at(sp, DOOR.answer + JOIN.flag));
  a.cbz(w1, 'join cgroup');
  a.syscall('setns');
  a.b('joined');
  a.label('join cgroup');
  a.add(x1, sp, DOOR.answer + JOIN.self);
  a.mov(x2, 1);
  a.syscall('write');
  a.label('joined');
  a.str(x0, at(sp, DOOR.told));
  a.mov(x0, x22);
  a.syscall('close');
  a.mov(x0, x23);
  a.add(x1, sp, DOOR.told);
  a.mov(x2, JOIN.answerSize);
  a.syscall('write');
  a.b('await program');
}

/** Registers: x22 a signalfd. From here on the front never runs the command itself. */
function supervise(a: Arm64): void {
  a.label('supervise');
  a.mov(x0, 1);
  a.neg(x0, x0);
  a.add(x1, sp, DOOR.mask);
  a.mov(x2, constants.SIGSET_SIZE);
  a.ldr(w3, 'signalfdFlags');
  a.syscall('signalfd4');
  a.mov(x22, x0);

  a.label('watch');
  a.mov(x9, x21);
  a.str(w9, at(sp, DOOR.poll));
  a.mov(w10, constants.POLLIN);
  a.str(w10, at(sp, DOOR.poll + 4));
  a.mov(x9, x22);
  a.str(w9, at(sp, DOOR.poll + 8));
  a.str(w10, at(sp, DOOR.poll + 12));
  a.mov(x2, 0);
  poll(a, 2);
  a.ldrb(w9, at(sp, DOOR.poll + 6));
  a.cbz(w9, 'no answer');
  // Waits for the next answer, without a timeout.
  a.mov(x22, 0);
  a.b('receive answer');
  a.label('no answer');
  a.mov(x0, x22);
  a.add(x1, sp, DOOR.signalInfo);
  a.mov(x2, SIGNAL_INFO.size);
  a.syscall('read');
  a.cmp(x0, SIGNAL_INFO.size);
  a.bne('watch');
  a.ldr(w9, at(sp, DOOR.signalInfo + SIGNAL_INFO.signal));
  a.cmp(w9, constants.SIGCHLD);
  a.beq('reap');
  a.str(w9, at(sp, DOOR.told + TOLD.value));
  a.mov(w9, TOLD_KIND.signal);
  a.str(w9, at(sp, DOOR.told));
  a.ldr(w9, at(sp, DOOR.signalInfo + SIGNAL_INFO.pid));
  a.str(w9, at(sp, DOOR.told + TOLD.pid));
  a.mov(x10, 0);
  control(a);
  a.bl('tell');
  a.b('watch');

  a.label('reap');
  a.mov(x0, 1);
  a.neg(x0, x0);
  reapOne(a);
  a.tbnz(x0, 63, 'watch');
  a.cbz(x0, 'watch');
  tellEnd(a);
  a.b('reap');
}

/**
 * Reports another pid than the server asks for if that process is no child, or has not ended.
 */
function reapChild(a: Arm64): void {
  a.label('reap child');
  a.mov(x0, x10);
  reapOne(a);
  tellEnd(a);
  a.b('await answer');
}

/** Reports that a child has ended. In: w0 its pid; DOOR.status. */
function tellEnd(a: Arm64): void {
  a.str(w0, at(sp, DOOR.told + TOLD.pid));
  a.mov(w9, TOLD_KIND.ended);
  a.str(w9, at(sp, DOOR.told));
  a.ldr(w9, at(sp, DOOR.status));
  a.str(w9, at(sp, DOOR.told + TOLD.value));
  a.mov(x10, 0);
  control(a);
  a.bl('tell');
}

/** A subroutine: sends what is at DOOR.told, with the control that the message has. */
function tell(a: Arm64): void {
  a.label('tell');
  a.add(x9, sp, DOOR.told);
  a.mov(x10, TOLD.size);
  onePart(a);
  a.label('tell again');
  a.mov(x0, x21);
  a.add(x1, sp, DOOR.message);
  a.mov(x2, constants.MSG_NOSIGNAL);
  a.syscall('sendmsg');
  a.cmn(x0, constants.EAGAIN);
  a.bne('told');
  a.mov(x9, x21);
  a.str(w9, at(sp, DOOR.poll));
  a.mov(w9, constants.POLLOUT);
  a.str(w9, at(sp, DOOR.poll + 4));
  a.mov(x2, 0);
  poll(a);
  a.b('tell again');
  a.label('told');
  a.ret();
}

const bitOf = (flag: number): number => 31 - Math.clz32(flag);
