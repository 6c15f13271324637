import {
  type Arm64,
  at,
  sp,
  w0,
  w1,
  w2,
  w9,
  w10,
  x0,
  x1,
  x2,
  x3,
  x4,
  x5,
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
const { ADDRESS, ANSWER, CREDENTIALS, DOOR, MESSAGE, RIGHTS } = door;

/**
 * Asks the server to run the command, and ends with its status; goes on where it does not. Nothing
 * but sp must be as before.
 * Registers: x19 and x20 as in arm64.ts; x21 the socket, x25 the permit.
 */
export function askServer(a: Arm64, settings: FrontSettings): void {
  a.sub(sp, sp, DOOR.size);
  findSocket(a);
  connect(a);
  countStrings(a);
  sendRequest(a, settings);
  awaitAnswer(a);
  writeOutput(a);
  a.label('cold');
  a.mov(sp, x20);
}

/** Writes the path of the socket into the address. Sockets that were passed are for a process of its own. */
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

/** Goes on cold unless the string at x1 is an absolute path of at most so many bytes, NUL included. */
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
  a.mov(w9, constants.STDOUT);
  a.str(w9, at(sp, DOOR.rights + RIGHTS.fds + 8));
  a.mov(w9, constants.STDERR);
  a.str(w9, at(sp, DOOR.rights + RIGHTS.fds + 12));
  a.mov(x10, RIGHTS.size);
  a.str(x10, at(sp, DOOR.rights));
  a.mov(w9, constants.SOL_SOCKET);
  a.str(w9, at(sp, DOOR.rights + RIGHTS.level));
  a.mov(w9, constants.SCM_RIGHTS);
  a.str(w9, at(sp, DOOR.rights + RIGHTS.type));

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

  a.label('receive answer');
  a.mov(x0, x21);
  a.add(x1, sp, DOOR.answer);
  a.mov(x2, door.ANSWER_HEADER_SIZE + door.MAX_TEXT);
  a.mov(x3, constants.MSG_DONTWAIT);
  a.mov(x4, 0);
  a.mov(x5, 0);
  a.syscall('recvfrom');
  a.cmn(x0, constants.EAGAIN);
  a.beq('await answer');
  a.tbnz(x0, 63, 'server gone');
  a.cmp(x0, door.ANSWER_HEADER_SIZE);
  a.bcc('server gone');
  a.ldr(w10, at(sp, DOOR.answer + 4));
  a.ldr(w9, at(sp, DOOR.answer));
  a.cmp(w9, ANSWER.output);
  a.beq('output');
  a.cmp(w9, ANSWER.exit);
  a.bne('cold');
  a.mov(x0, x10);
  a.syscall('exit_group');
  a.brk();

  a.label('server gone');
  takePermit(a);
  a.beq('cold');
  a.adr(x1, 'serverLost');
  a.b('say');
}

/** Polls one fd. In: x2 the timeout. */
function poll(a: Arm64): void {
  a.add(x0, sp, DOOR.poll);
  a.mov(x1, 1);
  a.mov(x3, 0);
  a.mov(x4, constants.SIGSET_SIZE);
  a.syscall('ppoll');
}

/** Equal if the permit was still there: then the server has not begun, and never will. */
function takePermit(a: Arm64): void {
  a.mov(x0, x25);
  a.add(x1, sp, DOOR.credentials);
  a.mov(x2, 8);
  a.syscall('read');
  a.cmp(x0, 8);
}

/**
 * The server has begun, and nothing goes on cold from here.
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
