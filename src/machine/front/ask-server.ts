import * as constants from '../constants.ts';
import { addressOfEnvp } from '../envp.ts';
import { a0, a1, a2, at, behind, type Machine, result, s4, s5, sp, t0 } from '../machine.ts';
import { serveAnswers } from './answers.ts';
import { FRAME, type FrontSettings } from './data.ts';
import * as protocol from './door.ts';
import { fork } from './fork.ts';
import { partAt, putRights } from './message.ts';
import { caller, door, frame, permit, socket } from './registers.ts';
import { supervise } from './supervise.ts';

const { ADDRESS, CREDENTIALS, DOOR, MESSAGE, RIGHTS } = protocol;
const SLASH = '/'.charCodeAt(0);
const strings = s4;

/**
 * Asks the server to run the command, and ends with the command's status. If no server runs it, the
 * front goes on "cold": behind this code, which runs the command itself.
 */
export function askServer(m: Machine, settings: FrontSettings): void {
  m.subtract(sp, DOOR.size);
  m.move(door, sp);
  findSocket(m);
  connect(m);
  countStrings(m);
  sendRequest(m, settings);
  serveAnswers(m);
  fork(m);
  supervise(m);
  m.label('cold');
  m.add(frame, DOOR.size);
  m.move(sp, frame);
}

/**
 * Writes the path of the socket into the address. Asks no server if the caller passed sockets: the
 * command then needs a process of its own.
 */
function findSocket(m: Machine): void {
  findVariable(m, 'passedVariable');
  m.ifNotEqual(a1, 0, 'cold');
  m.store32(at(door, DOOR.address), constants.AF_UNIX);
  findVariable(m, 'socketVariable');
  m.ifNotEqual(a1, 0, 'socket named');
  m.syscall('geteuid');
  m.address(a1, behind('systemSocket'));
  m.ifEqual(result, 0, 'socket named');

  findVariable(m, 'runtimeVariable');
  m.ifEqual(a1, 0, 'cold');
  checkPath(m, protocol.SOCKET_PATH_SIZE - protocol.USER_SOCKET.length);
  m.address(a0, at(door, DOOR.address + ADDRESS.path));
  m.call('append');
  m.address(a1, behind('userSocket'));
  m.call('append');
  m.jump('connect');

  m.label('socket named');
  checkPath(m, protocol.SOCKET_PATH_SIZE);
  m.address(a0, at(door, DOOR.address + ADDRESS.path));
  m.call('append');
}

/** Leaves the value of a variable in a1: 0 where there is none. `name` is a label. */
function findVariable(m: Machine, name: string): void {
  const next = s5;
  addressOfEnvp(m, next, caller);
  m.label(`${name} next`);
  m.load(a1, at(next));
  m.ifEqual(a1, 0, `${name} found`);
  m.add(next, 8);
  m.address(a0, behind(name));
  m.call('begins');
  m.ifNotEqual(t0, 0, `${name} next`);
  m.label(`${name} found`);
}

/**
 * Gives up on the server unless the string at a1 is an absolute path of at most `most` bytes,
 * NUL included.
 */
function checkPath(m: Machine, most: number): void {
  m.load8(t0, at(a1));
  m.ifNotEqual(t0, SLASH, 'cold');
  m.move(a0, a1);
  m.call('skip');
  m.subtract(a0, a1);
  m.ifNotBelow(a0, most + 1, 'cold');
}

/** The server must be of the same user: others would get the environment and the fds. */
function connect(m: Machine): void {
  m.label('connect');
  m.syscall('socket', constants.AF_UNIX, protocol.SOCKET_TYPE, 0);
  m.ifNegative(result, 'cold');
  // Where the caller has closed stdin, stdout or stderr, the front's own fds would pass for them.
  m.ifBelow(result, constants.STDERR + 1, 'cold');
  m.move(socket, result);
  m.syscall('connect', socket, at(door, DOOR.address), ADDRESS.size);
  m.ifNegative(result, 'cold');

  const { SOL_SOCKET, SO_PEERCRED } = constants;
  const size = at(door, DOOR.credentialsSize);
  m.store32(size, CREDENTIALS.size);
  m.syscall('getsockopt', socket, SOL_SOCKET, SO_PEERCRED, at(door, DOOR.credentials), size);
  m.ifNegative(result, 'cold');
  m.syscall('geteuid');
  m.load32(t0, at(door, DOOR.credentials + CREDENTIALS.uid));
  m.ifNotEqual(result, t0, 'cold');
}

/**
 * argv and environ are one run of strings, as the kernel laid them: from `strings` to a0. The server
 * counts them again.
 */
function countStrings(m: Machine): void {
  const next = s5;
  m.load(t0, at(caller));
  m.ifEqual(t0, 0, 'cold');
  m.store(at(door, DOOR.numbers), t0);
  m.load(strings, at(caller, 8));
  m.shiftLeft(t0, 3);
  m.move(next, caller);
  m.add(next, t0);
  m.load(a0, at(next));
  m.add(next, 16);
  m.set(a2, 0);
  m.label('count');
  m.load(a1, at(next));
  m.ifEqual(a1, 0, 'counted');
  m.move(a0, a1);
  m.add(next, 8);
  m.add(a2, 1);
  m.jump('count');
  m.label('counted');
  m.store(at(door, DOOR.numbers + 8), a2);
  m.call('skip');
}

/** In: `strings` the first string, a0 the end of the last. */
function sendRequest(m: Machine, { build }: FrontSettings): void {
  m.subtract(a0, strings);
  m.store(at(door, DOOR.parts + 32), strings);
  m.store(at(door, DOOR.parts + 40), a0);
  partAt(m, 0, behind('greeting'), protocol.greetingOf(build).length + 1);
  partAt(m, 1, at(door, DOOR.numbers), 8 * protocol.NUMBERS.length);

  m.syscall('umask', 0);
  m.store(at(door, DOOR.numbers + 16), result);
  m.syscall('umask', result);
  m.load(t0, at(door, DOOR.size + FRAME.limit.soft));
  m.store(at(door, DOOR.numbers + 24), t0);
  m.load(t0, at(door, DOOR.size + FRAME.limit.hard));
  m.store(at(door, DOOR.numbers + 32), t0);
  putFds(m);

  m.store(at(door, DOOR.message), 0);
  m.store(at(door, DOOR.message + 8), 0);
  m.store(at(door, DOOR.message + MESSAGE.flags), 0);
  m.address(t0, at(door, DOOR.parts));
  m.store(at(door, DOOR.message + MESSAGE.parts), t0);
  m.store(at(door, DOOR.message + MESSAGE.partCount), 3);
  m.syscall('sendmsg', socket, at(door, DOOR.message), constants.MSG_NOSIGNAL);
  m.ifNegative(result, 'cold');
}

/** Makes the permit, and the control message with DOOR_FDS. */
function putFds(m: Machine): void {
  const fds = DOOR.rights + RIGHTS.fds;
  m.syscall('eventfd2', 1, protocol.PERMIT_FLAGS);
  m.ifNegative(result, 'cold');
  m.move(permit, result);
  m.syscall('openat', constants.AT_FDCWD, behind('here'), protocol.CWD_FLAGS);
  m.ifNegative(result, 'cold');
  m.store32(at(door, fds), permit);
  m.store32(at(door, fds + 4), result);
  for (const fd of [constants.STDIN, constants.STDOUT, constants.STDERR]) {
    m.store32(at(door, fds + 8 + 4 * fd), fd);
  }
  putRights(m, protocol.DOOR_FDS.length);
}
