import { POLLIN, POLLOUT, SCM_RIGHTS, SIGSET_SIZE, SOL_SOCKET } from '../constants.ts';
import { at, type Machine, type Place, type Register, t0, type Value } from '../machine.ts';
import { DOOR, MESSAGE, RIGHTS } from './door.ts';
import { door } from './registers.ts';

/* The messages of the door, and the wait for them. All of this loses t0. */

/** Sets one part of the message. */
export function partAt(m: Machine, index: number, place: Place, size: number): void {
  m.address(t0, place);
  m.store(at(door, DOOR.parts + 16 * index), t0);
  m.store(at(door, DOOR.parts + 16 * index + 8), size);
}

/** Gives the message its one part. */
export function onePart(m: Machine, place: Place, size: number): void {
  partAt(m, 0, place, size);
  m.store(at(door, DOOR.message + MESSAGE.partCount), 1);
}

/** Gives the message room for fds. */
export function control(m: Machine, place: Place, size: number): void {
  m.address(t0, place);
  m.store(at(door, DOOR.message + MESSAGE.control), t0);
  m.store(at(door, DOOR.message + MESSAGE.controlSize), size);
}

export function noControl(m: Machine): void {
  m.store(at(door, DOOR.message + MESSAGE.controlSize), 0);
}

/** Lets the message pass the first fds of DOOR.rights. */
export function putRights(m: Machine, count: number): void {
  const size = RIGHTS.fds + 4 * count;
  m.store(at(door, DOOR.rights), size);
  m.store32(at(door, DOOR.rights + RIGHTS.level), SOL_SOCKET);
  m.store32(at(door, DOOR.rights + RIGHTS.type), SCM_RIGHTS);
  control(m, at(door, DOOR.rights), size);
}

/** Waits until one of the fds can be read. `timeout` is 0 or the address of a struct timespec. */
export function awaitReadable(m: Machine, fds: readonly Register[], timeout: Value): void {
  poll(m, fds, POLLIN, timeout);
}

export function awaitWritable(m: Machine, fd: Register): void {
  poll(m, [fd], POLLOUT, 0);
}

function poll(m: Machine, fds: readonly Register[], events: number, timeout: Value): void {
  fds.forEach((fd, i) => {
    m.store32(at(door, DOOR.poll + 8 * i), fd);
    m.store32(at(door, DOOR.poll + 8 * i + 4), events);
  });
  m.syscall('ppoll', at(door, DOOR.poll), fds.length, timeout, 0, SIGSET_SIZE);
}
