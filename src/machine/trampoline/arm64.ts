import {
  Arm64,
  at,
  popped,
  pushed,
  sp,
  w0,
  w8,
  w9,
  w10,
  w22,
  x0,
  x1,
  x2,
  x3,
  x4,
  x5,
  x10,
  x19,
  x21,
} from '../arm64.ts';
import type { WithListing } from '../assembler.ts';
import { REPORT_SIZE, STDERR } from '../constants.ts';
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

/** Registers: x19 the entry, x21 the last result, w22 the attempts left. */
export function trampolineArm64(): TrampolineProgram & WithListing {
  const a = new Arm64();
  a.adr(x19, 'table');
  putWalk(a);
  putFailure(a);
  putExplanation(a);
  putReport(a);
  a.data();
  a.fields(['reportFd', 'answerFd'], 4);
  a.label('table');
  return a.finish();
}

/** Makes the calls of the table, until one ends the process or fails. */
function putWalk(a: Arm64): void {
  a.label('call');
  a.ldr(w8, at(x19, ENTRY.number));
  a.ldp(x0, x1, at(x19, ENTRY.arguments));
  a.ldp(x2, x3, at(x19, ENTRY.arguments + 16));
  a.ldp(x4, x5, at(x19, ENTRY.arguments + 32));
  a.ldr(w9, at(x19, ENTRY.flags));
  a.tbz(w9, bitOf(FIRST_ARGUMENT_IS_RESULT), 'go');
  a.mov(x0, x21);
  a.label('go');
  a.syscall();
  a.mov(x21, x0);
  a.cmn(x0, 4095); // carries when x0 is -errno
  a.bcs('failed');
  a.ldrsh(x10, at(x19, ENTRY.stepWhenZero));
  a.cbz(x0, 'step');
  a.tbz(w9, bitOf(REPORT_RESULT), 'advance');
  a.bl('report');
  a.cmp(x0, REPORT_SIZE);
  a.bne('fail');

  a.label('advance');
  a.mov(x10, 1);
  a.label('step');
  a.add(x19, x19, x10, ENTRY.sizeShift);
  a.b('call');
}

/** Reports a failure that nothing tolerates, and ends the process. At `fail` the error is in x0. */
function putFailure(a: Arm64): void {
  a.label('failed');
  a.ldr(w10, at(x19, ENTRY.tolerated));
  a.cmn(w0, w10);
  a.beq('advance');

  a.label('fail');
  a.mov(x21, x0);
  a.mov(w22, ATTEMPTS);
  a.label('attempt');
  a.mov(x0, x21);
  a.bl('report');
  a.cmp(x0, REPORT_SIZE);
  a.beq('reported');
  a.sub(w22, w22, 1);
  a.cbnz(w22, 'attempt');

  a.label('exit');
  a.mov(x0, 1);
  a.syscall('exit_group');
  a.brk();
}

/**
 * Prints the runtime's explanation of the reported failure, if the entry has one. read(2) gives a
 * text, nothing when the other end is closed, or an error.
 */
function putExplanation(a: Arm64): void {
  a.label('reported');
  a.ldr(w9, at(x19, ENTRY.flags));
  a.tbz(w9, bitOf(IS_EXPLAINED), 'exit');
  a.sub(sp, sp, MAX_EXPLANATION);
  a.label('listen');
  a.ldr(w0, 'answerFd');
  a.mov(x1, sp);
  a.mov(x2, MAX_EXPLANATION);
  a.syscall('read');
  a.cbz(x0, 'exit');
  a.tbnz(x0, 63, 'exit');
  a.ldrb(w9, at(sp));
  a.cmp(w9, START_OF_MESSAGE);
  a.beq('listen');
  a.mov(x2, x0);
  a.mov(x0, STDERR);
  a.mov(x1, sp);
  a.syscall('write');
  a.b('exit');
}

/** The subroutine write(reportFd, { entry.index, -w0 }, 8). */
function putReport(a: Arm64): void {
  a.label('report');
  a.neg(w0, w0);
  a.ldr(w10, at(x19, ENTRY.index));
  a.stp(w10, w0, pushed(16));
  a.ldr(w0, 'reportFd');
  a.mov(x1, sp);
  a.mov(x2, REPORT_SIZE);
  a.syscall('write');
  a.ldp(w9, w10, popped(16));
  a.ret();
}

/** The number of a flag's bit. */
const bitOf = (flag: number): number => Math.log2(flag);
