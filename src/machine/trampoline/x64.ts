import type { WithListing } from '../assembler.ts';
import { REPORT_SIZE, STDERR } from '../constants.ts';
import {
  at,
  behind,
  eax,
  ebp,
  ecx,
  edi,
  edx,
  r8,
  r9,
  r10,
  r13,
  rax,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  rsp,
  X64,
} from '../x64.ts';
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

/** Registers: rbx the entry, r13 the last result, ebp the attempts left. */
export function trampolineX64(): TrampolineProgram & WithListing {
  const a = new X64();
  a.lea(rbx, behind('table'));
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
function putWalk(a: X64): void {
  a.label('call');
  a.mov(eax, at(rbx, ENTRY.number));
  a.mov(rdi, at(rbx, ENTRY.arguments));
  a.mov(rsi, at(rbx, ENTRY.arguments + 8));
  a.mov(rdx, at(rbx, ENTRY.arguments + 16));
  a.mov(r10, at(rbx, ENTRY.arguments + 24));
  a.mov(r8, at(rbx, ENTRY.arguments + 32));
  a.mov(r9, at(rbx, ENTRY.arguments + 40));
  a.testByte(at(rbx, ENTRY.flags), FIRST_ARGUMENT_IS_RESULT);
  a.cmovne(rdi, r13);
  a.syscall();
  a.mov(r13, rax);
  a.cmp(rax, -4096); // above is -errno
  a.ja('failed');
  a.movsxWord(rcx, at(rbx, ENTRY.stepWhenZero));
  a.test(r13, r13);
  a.je('step');
  a.testByte(at(rbx, ENTRY.flags), REPORT_RESULT);
  a.je('advance');
  a.call('report');
  a.cmp(rax, REPORT_SIZE);
  a.jne('fail');

  a.label('advance');
  a.mov(ecx, 1);
  a.label('step');
  a.shl(rcx, ENTRY.sizeShift);
  a.add(rbx, rcx);
  a.jmp('call');
}

/**
 * Reports a failure that nothing tolerates, and ends the process. At `fail` the error is in eax.
 */
function putFailure(a: X64): void {
  a.label('failed');
  a.neg(eax);
  a.cmp(eax, at(rbx, ENTRY.tolerated));
  a.je('advance');
  a.neg(eax);

  a.label('fail');
  a.mov(r13, rax);
  a.mov(ebp, ATTEMPTS);
  a.label('attempt');
  a.mov(rax, r13);
  a.call('report');
  a.cmp(rax, REPORT_SIZE);
  a.je('reported');
  a.dec(ebp);
  a.jne('attempt');

  a.label('exit');
  a.mov(edi, 1);
  a.syscall('exit_group');
  a.ud2();
}

/**
 * Prints the runtime's explanation of the reported failure, if the entry has one. read(2) gives a
 * text, nothing when the other end is closed, or an error.
 */
function putExplanation(a: X64): void {
  a.label('reported');
  a.testByte(at(rbx, ENTRY.flags), IS_EXPLAINED);
  a.je('exit');
  a.sub(rsp, MAX_EXPLANATION);
  a.label('listen');
  a.mov(edi, behind('answerFd'));
  a.mov(rsi, rsp);
  a.mov(edx, MAX_EXPLANATION);
  a.syscall('read');
  a.mov(rdx, rax);
  a.test(rax, rax);
  a.je('exit');
  a.jns('heard');
  a.jmp('exit');

  a.label('heard');
  a.cmpByte(at(rsp), START_OF_MESSAGE);
  a.je('listen');
  a.mov(edi, STDERR);
  a.mov(rsi, rsp);
  a.syscall('write');
  a.jmp('exit');
}

/** The subroutine write(reportFd, { entry.index, -eax }, 8). */
function putReport(a: X64): void {
  a.label('report');
  a.neg(eax);
  a.shl(rax, 32);
  a.mov(ecx, at(rbx, ENTRY.index));
  a.or(rax, rcx);
  a.push(rax);
  a.mov(edi, behind('reportFd'));
  a.mov(rsi, rsp);
  a.mov(edx, REPORT_SIZE);
  a.syscall('write');
  a.pop(rcx);
  a.ret();
}
