import * as constants from '../constants.ts';
import {
  a0,
  a1,
  a2,
  at,
  behind,
  type Machine,
  result,
  s1,
  s2,
  s4,
  s5,
  t0,
  t1,
} from '../machine.ts';
import * as protocol from './door.ts';
import { awaitReadable, awaitWritable, control, onePart } from './message.ts';
import { door, permit, socket, timeout } from './registers.ts';
import { reapOne } from './supervise.ts';

const { ANSWER, ANSWER_HEADER_SIZE, DOOR, EXIT, TEXT } = protocol;

/**
 * Waits for answers at `await answer`, and carries them out. Goes to `cold` if no server runs the
 * command.
 */
export function serveAnswers(m: Machine): void {
  awaitAnswer(m);
  receiveAnswer(m);
  exit(m);
  loseServer(m);
  writeOutput(m);
}

function awaitAnswer(m: Machine): void {
  m.store(at(door, DOOR.timeout), protocol.PATIENCE);
  m.store(at(door, DOOR.timeout + 8), 0);
  m.address(timeout, at(door, DOOR.timeout));

  m.label('await answer');
  awaitReadable(m, [socket], timeout);
  m.ifNegative(result, 'await answer');
  m.ifNotEqual(result, 0, 'receive answer');
  takePermit(m, 'cold');
  m.set(timeout, 0);
  m.jump('await answer');
}

/** Receives an answer, and goes to the code for its kind, with the answer's size and its value t1. */
function receiveAnswer(m: Machine): void {
  m.label('receive answer');
  onePart(m, at(door, DOOR.answer), ANSWER_HEADER_SIZE + protocol.MAX_TEXT);
  control(m, at(door, DOOR.rights), protocol.FORK_RIGHTS_SIZE);
  m.syscall('recvmsg', socket, at(door, DOOR.message), protocol.RECEIVE_FLAGS);
  m.ifEqual(result, -constants.EAGAIN, 'await answer');
  m.ifNegative(result, 'server gone');
  m.ifBelow(result, ANSWER_HEADER_SIZE, 'server gone');
  m.load32(t1, at(door, DOOR.answer + 4));
  m.load32(t0, at(door, DOOR.answer));
  m.ifEqual(t0, ANSWER.output, 'output');
  m.ifEqual(t0, ANSWER.fork, 'fork');
  m.ifEqual(t0, ANSWER.supervise, 'supervise');
  m.ifEqual(t0, ANSWER.reap, 'reap child');
  m.ifNotEqual(t0, ANSWER.exit, 'cold');
}

/** EXIT. In: t1 the status. */
function exit(m: Machine): void {
  const status = s2;
  // Leaves the caller no zombie except the program, whose status it needs.
  m.move(status, t1);
  m.label('reap before exit');
  m.load32(a0, at(door, TEXT + EXIT.reaped));
  reapOne(m, a0);
  m.ifNegative(result, 'exit');
  m.ifNotEqual(result, 0, 'reap before exit');
  m.label('exit');
  m.exit(status);
}

/** The connection has ended without EXIT or COLD. */
function loseServer(m: Machine): void {
  m.label('server gone');
  takePermit(m, 'cold');
  m.address(a1, behind('serverLost'));
  m.jump('say');
}

/** Goes to `label` if the permit was there: then the server never begins. */
function takePermit(m: Machine, label: string): void {
  m.syscall('read', permit, at(door, DOOR.credentials), 8);
  m.ifEqual(result, 8, label);
}

/**
 * The server has begun: from here on the front never runs the command itself. In: the answer's size
 * and t1, the fd.
 */
function writeOutput(m: Machine): void {
  const [fd, end, text] = [s1, s4, s5];
  m.label('output');
  m.move(fd, t1);
  m.address(text, at(door, TEXT));
  m.address(end, at(door, DOOR.answer));
  m.add(end, result);
  // A reader that has gone is no error, as for davit without a server.
  m.store(at(door, DOOR.action), constants.SIG_IGN);
  for (const field of [8, 16, 24]) m.store(at(door, DOOR.action + field), 0);
  const action = at(door, DOOR.action);
  m.syscall('rt_sigaction', constants.SIGPIPE, action, 0, constants.SIGSET_SIZE);

  m.label('write text');
  m.move(a2, end);
  m.subtract(a2, text);
  m.ifEqual(a2, 0, 'written');
  m.syscall('write', fd, text, a2);
  m.ifEqual(result, -constants.EAGAIN, 'await reader');
  m.ifNegative(result, 'not written');
  m.add(text, result);
  m.jump('write text');

  // Another process made the pipe non-blocking.
  m.label('await reader');
  awaitWritable(m, fd);
  m.jump('write text');

  m.label('not written');
  m.ifEqual(result, -constants.EPIPE, 'written');
  m.ifEqual(fd, constants.STDERR, 'written');
  m.address(a1, behind('notWritten'));
  m.move(a2, result);
  m.negate(a2);
  m.jump('sayNumber');

  m.label('written');
  m.set(timeout, 0);
  m.jump('await answer');
}
