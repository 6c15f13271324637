import { assemble } from '../assemble.ts';
import type { MachineArch, WithListing } from '../assembler.ts';
import { REPORT_SIZE, STDERR } from '../constants.ts';
import {
  a0,
  a1,
  a2,
  a3,
  a4,
  a5,
  at,
  behind,
  type Machine,
  number,
  result,
  s0,
  s1,
  s2,
  sp,
  t0,
  t1,
} from '../machine.ts';
import {
  ATTEMPTS,
  ENTRY,
  FIRST_ARGUMENT_IS_RESULT,
  IS_EXPLAINED,
  MAX_EXPLANATION,
  REPORT_RESULT,
  START_OF_MESSAGE,
  type TrampolineProgram,
} from './table.ts';

const entry = s0;
/** The result of the last call, or the failure. */
const last = s1;

/** The program that table.ts describes. The build assembles it: tools/build/bundle/assemble.ts. */
export const trampolineProgram = (arch: MachineArch): TrampolineProgram & WithListing =>
  assemble(arch, trampoline);

function trampoline(m: Machine): void {
  m.address(entry, behind('table'));
  putWalk(m);
  putFailure(m);
  putExplanation(m);
  putReport(m);
  m.data();
  m.fields(['reportFd', 'answerFd'], 4);
  m.label('table');
}

/** Makes the calls of the table, until one ends the process or fails. */
function putWalk(m: Machine): void {
  const step = t1;
  m.label('call');
  m.load32(number, at(entry, ENTRY.number));
  [a0, a1, a2, a3, a4, a5].forEach((argument, i) => {
    m.load(argument, at(entry, ENTRY.arguments + 8 * i));
  });
  m.load8(t0, at(entry, ENTRY.flags));
  m.ifFlagClear(t0, FIRST_ARGUMENT_IS_RESULT, 'go');
  m.move(a0, last);
  m.label('go');
  m.syscall();
  m.move(last, result);
  m.ifNotBelow(result, -4095, 'failed'); // -errno
  m.load16(step, at(entry, ENTRY.stepWhenZero));
  m.ifEqual(result, 0, 'step');
  m.load8(t0, at(entry, ENTRY.flags));
  m.ifFlagClear(t0, REPORT_RESULT, 'advance');
  m.call('report');
  m.ifNotEqual(result, REPORT_SIZE, 'fail');

  m.label('advance');
  m.set(step, 1);
  m.label('step');
  m.shiftLeft(step, ENTRY.sizeShift);
  m.add(entry, step);
  m.jump('call');
}

/** Reports a failure that nothing tolerates, and ends the process. In: the error as the result. */
function putFailure(m: Machine): void {
  const attempts = s2;
  m.label('failed');
  m.load32(t0, at(entry, ENTRY.tolerated));
  m.add(t0, result);
  m.ifEqual(t0, 0, 'advance');

  m.label('fail');
  m.move(last, result);
  m.set(attempts, ATTEMPTS);
  m.label('attempt');
  m.move(result, last);
  m.call('report');
  m.ifEqual(result, REPORT_SIZE, 'reported');
  m.subtract(attempts, 1);
  m.ifNotEqual(attempts, 0, 'attempt');

  m.label('exit');
  m.exit(1);
}

/**
 * Prints the runtime's explanation of the reported failure, if the entry has one. read(2) gives a
 * text, nothing when the other end is closed, or an error.
 */
function putExplanation(m: Machine): void {
  m.label('reported');
  m.load8(t0, at(entry, ENTRY.flags));
  m.ifFlagClear(t0, IS_EXPLAINED, 'exit');
  m.subtract(sp, MAX_EXPLANATION);
  m.label('listen');
  m.load32(a0, behind('answerFd'));
  m.syscall('read', a0, sp, MAX_EXPLANATION);
  m.ifEqual(result, 0, 'exit');
  m.ifNegative(result, 'exit');
  m.load8(t0, at(sp));
  m.ifEqual(t0, START_OF_MESSAGE, 'listen');
  m.move(a2, result);
  m.syscall('write', STDERR, sp, a2);
  m.jump('exit');
}

/** The subroutine write(reportFd, { entry.index, -result }, 8). */
function putReport(m: Machine): void {
  m.label('report');
  m.negate(result);
  m.shiftLeft(result, 32);
  m.load32(t0, at(entry, ENTRY.index));
  m.add(t0, result);
  m.push(t0);
  m.load32(a0, behind('reportFd'));
  m.syscall('write', a0, sp, REPORT_SIZE);
  m.pop(t0);
  m.return();
}
