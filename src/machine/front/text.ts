import { STDERR } from '../constants.ts';
import { a0, a1, a2, at, type Machine, s5, sp, t0, t1 } from '../machine.ts';

const ZERO = '0'.charCodeAt(0);

/** The subroutines that read and write strings, and the code that says why the front ends. */
export function putText(m: Machine): void {
  sayAndEnd(m);
  append(m);
  number(m);
  compare(m);
}

/** In: a1 the text; a2 a path, or a number, that comes in the middle of it. */
function sayAndEnd(m: Machine): void {
  const rest = s5;
  m.label('sayPath');
  m.move(a0, sp);
  m.call('append');
  m.move(rest, a1);
  m.move(a1, a2);
  m.call('append');
  m.move(a1, rest);
  m.jump('sayRest');

  m.label('sayNumber');
  m.move(a0, sp);
  m.call('append');
  m.call('number');
  m.jump('sayRest');

  m.label('say');
  m.move(a0, sp);
  m.label('sayRest');
  m.call('append');
  m.move(a1, sp);
  m.move(a2, a0);
  m.subtract(a2, a1);
  m.syscall('write', STDERR, a1, a2);
  m.exit(1);
}

/** Copies the string at a1 to a0. Leaves a0 at the copy's NUL, and a1 behind the string. */
function append(m: Machine): void {
  m.label('append');
  m.load8(t0, at(a1));
  m.store8(at(a0), t0);
  m.add(a1, 1);
  m.ifEqual(t0, 0, 'appended');
  m.add(a0, 1);
  m.jump('append');
  m.label('appended');
  m.return();
}

/** Writes a2 to a0 in decimal; leaves a0 behind it. Calls itself for all digits but the last. */
function number(m: Machine): void {
  m.label('number');
  m.divide(a2, 10, t0);
  m.push(t0);
  m.ifEqual(a2, 0, 'digit');
  m.call('number');
  m.label('digit');
  m.pop(t0);
  m.add(t0, ZERO);
  m.store8(at(a0), t0);
  m.add(a0, 1);
  m.return();
}

function compare(m: Machine): void {
  // Sets t0 to 0 if the string at a1 begins with the string at a0. Leaves a0 behind its string.
  m.label('begins');
  m.load8(t0, at(a0));
  m.add(a0, 1);
  m.ifEqual(t0, 0, 'compared');
  m.load8(t1, at(a1));
  m.add(a1, 1);
  m.ifEqual(t0, t1, 'begins');

  // Moves a0 behind the next NUL.
  m.label('skip');
  m.load8(t1, at(a0));
  m.add(a0, 1);
  m.ifNotEqual(t1, 0, 'skip');
  m.label('compared');
  m.return();
}
