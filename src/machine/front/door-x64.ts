import * as constants from '../constants.ts';
import {
  at,
  behind,
  eax,
  ebp,
  ebx,
  ecx,
  edi,
  edx,
  esi,
  r8,
  r8d,
  r10,
  r10d,
  r12,
  r12d,
  r13,
  r14,
  r15,
  rax,
  rcx,
  rdi,
  rdx,
  rsi,
  rsp,
  type X64,
} from '../x64.ts';
import { FRAME, type FrontSettings } from './data.ts';
import * as door from './door.ts';

const SLASH = '/'.charCodeAt(0);
/** As a number of 32 bits. */
const MINUS_ONE = 0xffffffff;
const { ADDRESS, ANSWER, CLONE, CREDENTIALS, DOOR, EXIT, FORK, FORK_OPTIONS, JOIN, MESSAGE } = door;
const { RIGHTS, SIGNAL_INFO, TOLD, TOLD_KIND } = door;
/** The text of an answer. */
const TEXT = DOOR.answer + door.ANSWER_HEADER_SIZE;

/**
 * Asks the server to run the command, and ends with the command's status. If no server runs it, the
 * front goes on "cold": behind this code, which runs the command itself. It needs only rsp as
 * before. Registers: r12 and r13 as in x64.ts; ebx the socket, ebp the permit.
 */
export function askServer(a: X64, settings: FrontSettings): void {
  a.sub(rsp, DOOR.size);
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
  a.mov(rsp, r13);
}

/**
 * Writes the path of the socket into the address. Asks no server if the caller passed sockets: the
 * command then needs a process of its own.
 */
function findSocket(a: X64): void {
  findVariable(a, 'passedVariable');
  a.test(rsi, rsi);
  a.jne('cold');
  a.mov(at(rsp, DOOR.address), constants.AF_UNIX);
  findVariable(a, 'socketVariable');
  a.test(rsi, rsi);
  a.jne('socket named');
  a.syscall('geteuid');
  a.lea(rsi, behind('systemSocket'));
  a.test(eax, eax);
  a.je('socket named');

  findVariable(a, 'runtimeVariable');
  a.test(rsi, rsi);
  a.je('cold');
  checkPath(a, door.SOCKET_PATH_SIZE - door.USER_SOCKET.length);
  a.lea(rdi, at(rsp, DOOR.address + ADDRESS.path));
  a.call('append');
  a.lea(rsi, behind('userSocket'));
  a.call('append');
  a.jmp('connect');

  a.label('socket named');
  checkPath(a, door.SOCKET_PATH_SIZE);
  a.lea(rdi, at(rsp, DOOR.address + ADDRESS.path));
  a.call('append');
}

/** Leaves the value of a variable in rsi: 0 where there is none. `name` is a label. */
function findVariable(a: X64, name: string): void {
  a.mov(rax, at(r12));
  a.shl(rax, 3);
  a.lea(r15, at(r12, 16));
  a.add(r15, rax);
  a.label(`${name} next`);
  a.mov(rsi, at(r15));
  a.test(rsi, rsi);
  a.je(`${name} found`);
  a.add(r15, 8);
  a.lea(rdi, behind(name));
  a.call('begins');
  a.test(eax, eax);
  a.jne(`${name} next`);
  a.label(`${name} found`);
}

/**
 * Gives up on the server unless the string at rsi is an absolute path of at most `most` bytes,
 * NUL included.
 */
function checkPath(a: X64, most: number): void {
  a.cmpByte(at(rsi), SLASH);
  a.jne('cold');
  a.mov(rdi, rsi);
  a.call('skip');
  a.sub(rdi, rsi);
  a.cmp(rdi, most);
  a.ja('cold');
}

/** The server must be of the same user: others would get the environment and the fds. */
function connect(a: X64): void {
  a.label('connect');
  a.mov(edi, constants.AF_UNIX);
  a.mov(esi, door.SOCKET_TYPE);
  a.xor(edx, edx);
  a.syscall('socket');
  a.test(rax, rax);
  a.js('cold');
  // Where the caller has closed stdin, stdout or stderr, the front's own fds would pass for them.
  a.cmp(eax, constants.STDERR + 1);
  a.jb('cold');
  a.mov(ebx, eax);
  a.mov(edi, ebx);
  a.lea(rsi, at(rsp, DOOR.address));
  a.mov(edx, ADDRESS.size);
  a.syscall('connect');
  a.test(rax, rax);
  a.js('cold');

  a.mov(edi, ebx);
  a.mov(esi, constants.SOL_SOCKET);
  a.mov(edx, constants.SO_PEERCRED);
  a.lea(r10, at(rsp, DOOR.credentials));
  a.lea(r8, at(rsp, DOOR.credentialsSize));
  a.mov(at(rsp, DOOR.credentialsSize), CREDENTIALS.size);
  a.syscall('getsockopt');
  a.test(rax, rax);
  a.js('cold');
  a.syscall('geteuid');
  a.cmp(eax, at(rsp, DOOR.credentials + CREDENTIALS.uid));
  a.jne('cold');
}

/**
 * argv and environ are one run of strings, as the kernel laid them: from r14 to rdi. The server
 * counts them again.
 */
function countStrings(a: X64): void {
  a.mov(rax, at(r12));
  a.test(rax, rax);
  a.je('cold');
  a.mov(at(rsp, DOOR.numbers), rax);
  a.mov(r14, at(r12, 8));
  a.shl(rax, 3);
  a.mov(r15, r12);
  a.add(r15, rax);
  a.mov(rdi, at(r15));
  a.add(r15, 16);
  a.xor(edx, edx);
  a.label('count');
  a.mov(rsi, at(r15));
  a.test(rsi, rsi);
  a.je('counted');
  a.mov(rdi, rsi);
  a.add(r15, 8);
  a.add(rdx, 1);
  a.jmp('count');
  a.label('counted');
  a.mov(at(rsp, DOOR.numbers + 8), rdx);
  a.call('skip');
}

/** Registers: r14 the first string, rdi the end of the last. */
function sendRequest(a: X64, { build }: FrontSettings): void {
  a.sub(rdi, r14);
  a.mov(at(rsp, DOOR.parts + 32), r14);
  a.mov(at(rsp, DOOR.parts + 40), rdi);
  a.lea(rax, behind('greeting'));
  a.mov(ecx, door.greetingOf(build).length + 1);
  a.mov(at(rsp, DOOR.parts), rax);
  a.mov(at(rsp, DOOR.parts + 8), rcx);
  a.lea(rax, at(rsp, DOOR.numbers));
  a.mov(ecx, 8 * door.NUMBERS.length);
  a.mov(at(rsp, DOOR.parts + 16), rax);
  a.mov(at(rsp, DOOR.parts + 24), rcx);

  a.xor(edi, edi);
  a.syscall('umask');
  a.mov(at(rsp, DOOR.numbers + 16), rax);
  a.mov(edi, eax);
  a.syscall('umask');
  a.mov(rax, at(r13, FRAME.limit.soft));
  a.mov(at(rsp, DOOR.numbers + 24), rax);
  a.mov(rax, at(r13, FRAME.limit.hard));
  a.mov(at(rsp, DOOR.numbers + 32), rax);
  putFds(a);
  sendParts(a);
}

/** Makes the permit, and the control message with DOOR_FDS. */
function putFds(a: X64): void {
  a.mov(edi, 1);
  a.mov(esi, door.PERMIT_FLAGS);
  a.syscall('eventfd2');
  a.test(rax, rax);
  a.js('cold');
  a.mov(ebp, eax);
  a.mov(edi, constants.AT_FDCWD);
  a.lea(rsi, behind('here'));
  a.mov(edx, door.CWD_FLAGS);
  a.syscall('openat');
  a.test(rax, rax);
  a.js('cold');
  a.mov(at(rsp, DOOR.rights + RIGHTS.fds), ebp);
  a.mov(at(rsp, DOOR.rights + RIGHTS.fds + 4), eax);
  for (const fd of [constants.STDIN, constants.STDOUT, constants.STDERR]) {
    a.mov(at(rsp, DOOR.rights + RIGHTS.fds + 8 + 4 * fd), fd);
  }
  a.mov(ecx, RIGHTS.size);
  a.mov(at(rsp, DOOR.rights), rcx);
  a.mov(at(rsp, DOOR.rights + RIGHTS.level), constants.SOL_SOCKET);
  a.mov(at(rsp, DOOR.rights + RIGHTS.type), constants.SCM_RIGHTS);
}

/** In: rcx the size of the control message. */
function sendParts(a: X64): void {
  a.xor(eax, eax);
  a.mov(at(rsp, DOOR.message), rax);
  a.mov(at(rsp, DOOR.message + 8), rax);
  a.mov(at(rsp, DOOR.message + MESSAGE.flags), rax);
  a.mov(at(rsp, DOOR.message + MESSAGE.controlSize), rcx);
  a.lea(rax, at(rsp, DOOR.rights));
  a.mov(at(rsp, DOOR.message + MESSAGE.control), rax);
  a.lea(rax, at(rsp, DOOR.parts));
  a.mov(at(rsp, DOOR.message + MESSAGE.parts), rax);
  a.mov(ecx, 3);
  a.mov(at(rsp, DOOR.message + MESSAGE.partCount), rcx);
  a.mov(edi, ebx);
  a.lea(rsi, at(rsp, DOOR.message));
  a.mov(edx, constants.MSG_NOSIGNAL);
  a.syscall('sendmsg');
  a.test(rax, rax);
  a.js('cold');
}

/** Registers: r14 the timeout, 0 for none. */
function awaitAnswer(a: X64): void {
  a.mov(ecx, door.PATIENCE);
  a.mov(at(rsp, DOOR.timeout), rcx);
  a.xor(ecx, ecx);
  a.mov(at(rsp, DOOR.timeout + 8), rcx);
  a.lea(r14, at(rsp, DOOR.timeout));

  a.label('await answer');
  a.mov(at(rsp, DOOR.poll), ebx);
  a.mov(at(rsp, DOOR.poll + 4), constants.POLLIN);
  a.mov(rdx, r14);
  poll(a);
  a.test(rax, rax);
  a.js('await answer');
  a.jne('receive answer');
  takePermit(a);
  a.je('cold');
  a.xor(ecx, ecx);
  a.mov(r14, rcx);
  a.jmp('await answer');
  receiveAnswer(a);
  exit(a);
  loseServer(a);
}

/** Receives an answer, and goes to the code for its kind. */
function receiveAnswer(a: X64): void {
  a.label('receive answer');
  a.lea(rax, at(rsp, DOOR.answer));
  a.mov(ecx, door.ANSWER_HEADER_SIZE + door.MAX_TEXT);
  onePart(a);
  a.lea(rax, at(rsp, DOOR.rights));
  a.mov(ecx, door.FORK_RIGHTS_SIZE);
  control(a);
  a.mov(edi, ebx);
  a.lea(rsi, at(rsp, DOOR.message));
  a.mov(edx, behind('receiveFlags'));
  a.syscall('recvmsg');
  a.cmp(rax, -constants.EAGAIN);
  a.je('await answer');
  a.test(rax, rax);
  a.js('server gone');
  a.cmp(rax, door.ANSWER_HEADER_SIZE);
  a.jb('server gone');
  a.mov(edi, at(rsp, DOOR.answer + 4));
  a.mov(ecx, at(rsp, DOOR.answer));
  a.cmp(ecx, ANSWER.output);
  a.je('output');
  a.cmp(ecx, ANSWER.fork);
  a.je('fork');
  a.cmp(ecx, ANSWER.supervise);
  a.je('supervise');
  a.cmp(ecx, ANSWER.reap);
  a.je('reap child');
  a.cmp(ecx, ANSWER.exit);
  a.jne('cold');
}

/** EXIT. In: edi the status. */
function exit(a: X64): void {
  // Leaves the caller no zombie except the program, whose status it needs.
  a.mov(ebx, edi);
  a.label('reap before exit');
  a.mov(edi, at(rsp, TEXT + EXIT.reaped));
  reapOne(a);
  a.test(rax, rax);
  a.js('exit');
  a.jne('reap before exit');
  a.label('exit');
  a.mov(edi, ebx);
  a.syscall('exit_group');
  a.ud2();
}

/** The connection has ended without EXIT or COLD. */
function loseServer(a: X64): void {
  a.label('server gone');
  takePermit(a);
  a.je('cold');
  a.lea(rsi, behind('serverLost'));
  a.jmp('say');
}

/** Polls one fd. In: rdx the timeout. */
function poll(a: X64, count = 1): void {
  a.lea(rdi, at(rsp, DOOR.poll));
  a.mov(esi, count);
  a.xor(r10d, r10d);
  a.mov(r8d, constants.SIGSET_SIZE);
  a.syscall('ppoll');
}

/** Sets the flag for equality if the permit was there: then the server never begins. */
function takePermit(a: X64): void {
  a.mov(edi, ebp);
  a.lea(rsi, at(rsp, DOOR.credentials));
  a.mov(edx, 8);
  a.syscall('read');
  a.cmp(rax, 8);
}

/**
 * The server has begun: from here on the front never runs the command itself.
 * Registers: rax the size of the answer; r12d the fd, r15 the text, r14 its end.
 */
function writeOutput(a: X64): void {
  a.label('output');
  a.mov(r12d, edi);
  a.lea(r15, at(rsp, DOOR.answer + door.ANSWER_HEADER_SIZE));
  a.lea(r14, at(rsp, DOOR.answer));
  a.add(r14, rax);
  // A reader that has gone is no error, as for davit without a server.
  a.mov(ecx, constants.SIG_IGN);
  a.mov(at(rsp, DOOR.action), rcx);
  a.xor(ecx, ecx);
  for (const field of [8, 16, 24]) a.mov(at(rsp, DOOR.action + field), rcx);
  a.mov(edi, constants.SIGPIPE);
  a.lea(rsi, at(rsp, DOOR.action));
  a.xor(edx, edx);
  a.mov(r10d, constants.SIGSET_SIZE);
  a.syscall('rt_sigaction');

  a.label('write text');
  a.mov(rdx, r14);
  a.sub(rdx, r15);
  a.je('written');
  a.mov(edi, r12d);
  a.mov(rsi, r15);
  a.syscall('write');
  a.cmp(rax, -constants.EAGAIN);
  a.je('await reader');
  a.test(rax, rax);
  a.js('not written');
  a.add(r15, rax);
  a.jmp('write text');

  // Another process made the pipe non-blocking.
  a.label('await reader');
  a.mov(at(rsp, DOOR.poll), r12d);
  a.mov(at(rsp, DOOR.poll + 4), constants.POLLOUT);
  a.xor(edx, edx);
  poll(a);
  a.jmp('write text');

  a.label('not written');
  a.cmp(rax, -constants.EPIPE);
  a.je('written');
  a.cmp(r12d, constants.STDERR);
  a.je('written');
  a.lea(rsi, behind('notWritten'));
  a.neg(rax);
  a.jmp('sayNumber');

  a.label('written');
  a.xor(ecx, ecx);
  a.mov(r14, rcx);
  a.jmp('await answer');
}

/** Gives the message its one part. In: rax its address, rcx its size. */
function onePart(a: X64): void {
  a.mov(at(rsp, DOOR.parts), rax);
  a.mov(at(rsp, DOOR.parts + 8), rcx);
  a.mov(ecx, 1);
  a.mov(at(rsp, DOOR.message + MESSAGE.partCount), rcx);
}

/** Gives the message room for fds. In: rax the address, rcx the size. */
function control(a: X64): void {
  a.mov(at(rsp, DOOR.message + MESSAGE.control), rax);
  a.mov(at(rsp, DOOR.message + MESSAGE.controlSize), rcx);
}

/** wait4(2) for a child that has ended; its status goes to DOOR.status. In: edi the pid. */
function reapOne(a: X64): void {
  a.lea(rsi, at(rsp, DOOR.status));
  a.mov(edx, constants.WNOHANG);
  a.xor(r10d, r10d);
  a.syscall('wait4');
}

/** FORK: sets signals and the subreaper as FORK.options say, and makes the child. */
function fork(a: X64): void {
  a.label('fork');
  a.testByte(at(rsp, TEXT + FORK.options), FORK_OPTIONS.blockSignals);
  a.je('signals stay');
  a.xor(eax, eax);
  a.sub(rax, 1);
  a.mov(at(rsp, DOOR.mask), rax);
  a.mov(edi, constants.SIG_SETMASK);
  a.lea(rsi, at(rsp, DOOR.mask));
  a.xor(edx, edx);
  a.mov(r10d, constants.SIGSET_SIZE);
  a.syscall('rt_sigprocmask');
  a.label('signals stay');
  a.testByte(at(rsp, TEXT + FORK.options), FORK_OPTIONS.subreaper);
  a.je('no subreaper');
  a.mov(edi, constants.PR_SET_CHILD_SUBREAPER);
  a.mov(esi, 1);
  a.xor(edx, edx);
  a.xor(r10d, r10d);
  a.xor(r8d, r8d);
  a.syscall('prctl');
  a.label('no subreaper');
  cloneChild(a);
  tellFork(a);
}

/** Leaves the child's pid, or -errno, in r15. */
function cloneChild(a: X64): void {
  a.xor(eax, eax);
  for (let field = 0; field < CLONE.size; field += 8) a.mov(at(rsp, DOOR.clone + field), rax);
  a.mov(rax, at(rsp, TEXT + FORK.flags));
  a.mov(at(rsp, DOOR.clone), rax);
  a.lea(rax, at(rsp, DOOR.pidfd));
  a.mov(at(rsp, DOOR.clone + CLONE.pidfd), rax);
  a.mov(at(rsp, DOOR.clone + CLONE.exitSignal), constants.SIGCHLD);
  a.mov(eax, at(rsp, DOOR.rights + RIGHTS.fds + 4));
  a.mov(at(rsp, DOOR.clone + CLONE.cgroup), rax);
  a.lea(rdi, at(rsp, DOOR.clone));
  a.mov(esi, CLONE.size);
  a.syscall('clone3');
  a.test(rax, rax);
  a.je('child');
  a.mov(r15, rax);
  for (const fd of [0, 4]) {
    a.mov(edi, at(rsp, DOOR.rights + RIGHTS.fds + fd));
    a.syscall('close');
  }
}

/** Reports the child and passes its pidfd. In: r15 its pid, or -errno. */
function tellFork(a: X64): void {
  a.xor(ecx, ecx);
  a.mov(at(rsp, DOOR.told), rcx);
  a.mov(at(rsp, DOOR.told + 8), rcx);
  a.mov(rax, r15);
  a.mov(at(rsp, DOOR.told + TOLD.value), eax);
  a.test(rax, rax);
  a.js('tell fork');
  a.mov(eax, at(rsp, DOOR.pidfd));
  a.mov(at(rsp, DOOR.rights + RIGHTS.fds), eax);
  a.mov(ecx, RIGHTS.fds + 4);
  a.mov(at(rsp, DOOR.rights), rcx);
  a.mov(at(rsp, DOOR.rights + RIGHTS.level), constants.SOL_SOCKET);
  a.mov(at(rsp, DOOR.rights + RIGHTS.type), constants.SCM_RIGHTS);
  a.label('tell fork');
  a.lea(rax, at(rsp, DOOR.rights));
  control(a);
  a.call('tell');
  a.mov(rax, r15);
  a.test(rax, rax);
  a.js('await answer');
  a.mov(edi, at(rsp, DOOR.pidfd));
  a.syscall('close');
  a.jmp('await answer');
}

/** The child. Registers: r15 FORK.firstFd. */
function beChild(a: X64): void {
  a.label('child');
  // Until it executes its program, the child dies if the front dies.
  a.mov(edi, constants.PR_SET_PDEATHSIG);
  a.mov(esi, constants.SIGKILL);
  a.xor(edx, edx);
  a.xor(r10d, r10d);
  a.xor(r8d, r8d);
  a.syscall('prctl');
  a.mov(eax, at(rsp, TEXT + FORK.firstFd));
  a.mov(r15, rax);
  a.mov(edi, at(rsp, DOOR.rights + RIGHTS.fds));
  a.mov(rsi, r15);
  a.mov(edx, behind('closedByExec'));
  a.syscall('dup3');
  a.mov(rdi, r15);
  a.add(rdi, 1);
  a.mov(esi, MINUS_ONE);
  a.xor(edx, edx);
  a.syscall('close_range');
  awaitProgram(a);
  executeProgram(a);
}

/** Carries out each JOIN, until another message comes. Registers: r15 the child's socket. */
function awaitProgram(a: X64): void {
  a.label('await program');
  a.lea(rax, at(rsp, DOOR.answer));
  a.mov(ecx, door.MAX_CHILD_ARGV);
  onePart(a);
  a.lea(rax, at(rsp, DOOR.childRights));
  a.mov(ecx, door.CHILD_RIGHTS_SIZE);
  control(a);
  a.mov(rdi, r15);
  a.lea(rsi, at(rsp, DOOR.message));
  a.xor(edx, edx);
  a.syscall('recvmsg');
  a.test(rax, rax);
  a.js('end child');
  a.je('end child');
  a.cmpByte(at(rsp, DOOR.answer), 0);
  a.jne('execute program');
  join(a);
}

/** In: r15 the child's socket, which is followed by the fds of the message. */
function executeProgram(a: X64): void {
  a.label('execute program');
  const bit = door.CLONE_NEWUSER_BIT;
  a.testByte(at(rsp, DOOR.clone + Math.floor(bit / 8)), 1 << (bit % 8));
  a.je('has its ids');
  for (const call of ['setresgid', 'setresuid'] as const) {
    for (const register of [edi, esi, edx]) a.xor(register, register);
    a.syscall(call);
  }
  a.label('has its ids');
  a.add(r15, 1);
  a.mov(rdi, r15);
  a.mov(esi, constants.F_SETFD);
  a.mov(edx, constants.FD_CLOEXEC);
  a.syscall('fcntl');
  a.lea(rax, at(rsp, DOOR.answer));
  a.mov(at(rsp, DOOR.childArgv), rax);
  door.CHILD_NAME.forEach((word, i) => {
    a.add(rax, word.length + 1);
    a.mov(at(rsp, DOOR.childArgv + 8 * (i + 1)), rax);
  });
  a.xor(eax, eax);
  a.mov(at(rsp, DOOR.childArgv + 24), rax);
  a.mov(rdi, r15);
  a.lea(rsi, behind('emptyPath'));
  a.lea(rdx, at(rsp, DOOR.childArgv));
  a.lea(r10, at(rsp, DOOR.childArgv + 24));
  a.mov(r8d, constants.AT_EMPTY_PATH);
  a.syscall('execveat');
  a.label('end child');
  a.mov(edi, 1);
  a.syscall('exit_group');
  a.ud2();
}

/** Registers: r15 the child's socket, r12 the fd that came with the JOIN. */
function join(a: X64): void {
  a.mov(r12, r15);
  a.add(r12, 1);
  a.mov(rdi, r12);
  a.mov(esi, at(rsp, DOOR.answer + JOIN.flag));
  a.test(esi, esi);
  a.je('join cgroup');
  a.syscall('setns');
  a.jmp('joined');
  a.label('join cgroup');
  a.lea(rsi, at(rsp, DOOR.answer + JOIN.self));
  a.mov(edx, 1);
  a.syscall('write');
  a.label('joined');
  a.mov(at(rsp, DOOR.told), rax);
  a.mov(rdi, r12);
  a.syscall('close');
  a.mov(rdi, r15);
  a.lea(rsi, at(rsp, DOOR.told));
  a.mov(edx, JOIN.answerSize);
  a.syscall('write');
  a.jmp('await program');
}

/** Registers: r12d a signalfd. From here on the front never runs the command itself. */
function supervise(a: X64): void {
  a.label('supervise');
  a.mov(edi, MINUS_ONE);
  a.lea(rsi, at(rsp, DOOR.mask));
  a.mov(edx, constants.SIGSET_SIZE);
  a.mov(r10d, behind('signalfdFlags'));
  a.syscall('signalfd4');
  a.mov(r12d, eax);

  a.label('watch');
  a.mov(at(rsp, DOOR.poll), ebx);
  a.mov(at(rsp, DOOR.poll + 4), constants.POLLIN);
  a.mov(at(rsp, DOOR.poll + 8), r12d);
  a.mov(at(rsp, DOOR.poll + 12), constants.POLLIN);
  a.xor(edx, edx);
  poll(a, 2);
  a.testByte(at(rsp, DOOR.poll + 6), 0xff);
  a.je('no answer');
  // Waits for the next answer, without a timeout.
  a.xor(ecx, ecx);
  a.mov(r14, rcx);
  a.jmp('receive answer');
  a.label('no answer');
  a.mov(edi, r12d);
  a.lea(rsi, at(rsp, DOOR.signalInfo));
  a.mov(edx, SIGNAL_INFO.size);
  a.syscall('read');
  a.cmp(rax, SIGNAL_INFO.size);
  a.jne('watch');
  a.mov(eax, at(rsp, DOOR.signalInfo + SIGNAL_INFO.signal));
  a.cmp(eax, constants.SIGCHLD);
  a.je('reap');
  a.mov(at(rsp, DOOR.told), TOLD_KIND.signal);
  a.mov(at(rsp, DOOR.told + TOLD.value), eax);
  a.mov(eax, at(rsp, DOOR.signalInfo + SIGNAL_INFO.pid));
  a.mov(at(rsp, DOOR.told + TOLD.pid), eax);
  a.xor(ecx, ecx);
  control(a);
  a.call('tell');
  a.jmp('watch');

  a.label('reap');
  a.xor(edi, edi);
  a.sub(rdi, 1);
  reapOne(a);
  a.test(rax, rax);
  a.js('watch');
  a.je('watch');
  tellEnd(a);
  a.jmp('reap');
}

/**
 * Reports another pid than the server asks for if that process is no child, or has not ended.
 */
function reapChild(a: X64): void {
  a.label('reap child');
  reapOne(a);
  tellEnd(a);
  a.jmp('await answer');
}

/** Reports that a child has ended. In: eax its pid; DOOR.status. */
function tellEnd(a: X64): void {
  a.mov(at(rsp, DOOR.told + TOLD.pid), eax);
  a.mov(at(rsp, DOOR.told), TOLD_KIND.ended);
  a.mov(eax, at(rsp, DOOR.status));
  a.mov(at(rsp, DOOR.told + TOLD.value), eax);
  a.xor(ecx, ecx);
  control(a);
  a.call('tell');
}

/**
 * A subroutine: sends what is at DOOR.told, with the control that the message has. The call has
 * pushed its return address.
 */
function tell(a: X64): void {
  a.label('tell');
  a.add(rsp, 8);
  a.lea(rax, at(rsp, DOOR.told));
  a.mov(ecx, TOLD.size);
  onePart(a);
  a.label('tell again');
  a.mov(edi, ebx);
  a.lea(rsi, at(rsp, DOOR.message));
  a.mov(edx, constants.MSG_NOSIGNAL);
  a.syscall('sendmsg');
  a.cmp(rax, -constants.EAGAIN);
  a.jne('told');
  a.mov(at(rsp, DOOR.poll), ebx);
  a.mov(at(rsp, DOOR.poll + 4), constants.POLLOUT);
  a.xor(edx, edx);
  poll(a);
  a.jmp('tell again');
  a.label('told');
  a.sub(rsp, 8);
  a.ret();
}
