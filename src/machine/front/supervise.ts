import * as constants from '../constants.ts';
import { at, type Machine, result, s1, t0, t1, type Value } from '../machine.ts';
import * as protocol from './door.ts';
import { awaitReadable, awaitWritable, noControl, onePart } from './message.ts';
import { door, socket, timeout } from './registers.ts';

const { DOOR, SIGNAL_INFO, TOLD, TOLD_KIND } = protocol;

/** SUPERVISE and REAP, and the subroutine that tells the server something. */
export function supervise(m: Machine): void {
  watch(m);
  reapChildren(m);
  reapChild(m);
  tell(m);
}

/** From here on the front never runs the command itself. */
function watch(m: Machine): void {
  const signals = s1;
  m.label('supervise');
  const { SIGSET_SIZE } = constants;
  m.syscall('signalfd4', -1, at(door, DOOR.mask), SIGSET_SIZE, protocol.SIGNALFD_FLAGS);
  m.move(signals, result);

  m.label('watch');
  awaitReadable(m, [socket, signals], 0);
  m.load8(t0, at(door, DOOR.poll + 6));
  m.ifEqual(t0, 0, 'no answer');
  // Waits for the next answer, without a timeout.
  m.set(timeout, 0);
  m.jump('receive answer');
  m.label('no answer');
  m.syscall('read', signals, at(door, DOOR.signalInfo), SIGNAL_INFO.size);
  m.ifNotEqual(result, SIGNAL_INFO.size, 'watch');
  m.load32(t0, at(door, DOOR.signalInfo + SIGNAL_INFO.signal));
  m.ifEqual(t0, constants.SIGCHLD, 'reap');
  m.store32(at(door, DOOR.told), TOLD_KIND.signal);
  m.store32(at(door, DOOR.told + TOLD.value), t0);
  m.load32(t0, at(door, DOOR.signalInfo + SIGNAL_INFO.pid));
  m.store32(at(door, DOOR.told + TOLD.pid), t0);
  noControl(m);
  m.call('tell');
  m.jump('watch');
}

function reapChildren(m: Machine): void {
  m.label('reap');
  reapOne(m, protocol.ANY_CHILD);
  m.ifNegative(result, 'watch');
  m.ifEqual(result, 0, 'watch');
  tellEnd(m);
  m.jump('reap');
}

/**
 * REAP. In: t1 the pid. Reports another pid than the server asks for if that process is no child, or
 * has not ended.
 */
function reapChild(m: Machine): void {
  m.label('reap child');
  reapOne(m, t1);
  tellEnd(m);
  m.jump('await answer');
}

/** wait4(2) for a child that has ended; its status goes to DOOR.status. */
export function reapOne(m: Machine, pid: Value): void {
  m.syscall('wait4', pid, at(door, DOOR.status), constants.WNOHANG, 0);
}

/** Reports that a child has ended. In: its pid as the result; DOOR.status. */
function tellEnd(m: Machine): void {
  m.store32(at(door, DOOR.told), TOLD_KIND.ended);
  m.store32(at(door, DOOR.told + TOLD.pid), result);
  m.load32(t0, at(door, DOOR.status));
  m.store32(at(door, DOOR.told + TOLD.value), t0);
  noControl(m);
  m.call('tell');
}

/** The subroutine that sends what is at DOOR.told, with the control that the message has. */
function tell(m: Machine): void {
  m.label('tell');
  onePart(m, at(door, DOOR.told), TOLD.size);
  m.label('tell again');
  m.syscall('sendmsg', socket, at(door, DOOR.message), constants.MSG_NOSIGNAL);
  m.ifNotEqual(result, -constants.EAGAIN, 'told');
  awaitWritable(m, socket);
  m.jump('tell again');
  m.label('told');
  m.return();
}
