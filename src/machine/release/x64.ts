import type { WithListing } from '../assembler.ts';
import { REPORT_SIZE } from '../constants.ts';
import { behind, edi, edx, r12, rax, rdi, rdx, rsi, rsp, X64 } from '../x64.ts';
import { ADDRESSES, FDS, PACKET_SIZE, type ReleaseProgram } from './data.ts';

/** Registers: r12 the packet. */
export function releaseX64(): ReleaseProgram & WithListing {
  const a = new X64();
  a.sub(rsp, PACKET_SIZE);
  a.mov(r12, rsp);
  a.mov(edi, behind('output'));
  a.mov(rsi, behind('turn'));
  a.mov(rdx, behind('turnLength'));
  a.syscall('write');
  a.test(rax, rax);
  a.jns('given');
  a.jmp('resume');

  a.label('given');
  a.call('receive');
  a.test(rax, rax);
  a.je('resume');
  a.jns('taken');
  a.jmp('resume');

  putWait(a);
  putResume(a);
  putReceive(a);

  a.data();
  a.fields(ADDRESSES, 8);
  a.fields(FDS, 4);
  a.space(4); // what follows is aligned to 8 bytes
  return a.finish();
}

/** Waits until init executes its program, and ends; keeps init's report if init fails. */
function putWait(a: X64): void {
  a.label('taken');
  a.call('receive');
  a.cmp(rax, REPORT_SIZE);
  a.je('failed');
  a.test(rax, rax);
  a.je('executed');
  a.jns('taken');

  a.label('executed');
  a.xor(edi, edi);
  a.syscall('exit_group');
  a.ud2();

  a.label('failed');
  a.mov(edi, behind('failure'));
  a.mov(rsi, r12);
  a.mov(edx, REPORT_SIZE);
  a.syscall('write');
}

/** Executes davit again, which explains the failure. */
function putResume(a: X64): void {
  a.label('resume');
  a.mov(rdi, behind('path'));
  a.mov(rsi, behind('argv'));
  a.mov(rdx, behind('envp'));
  a.syscall('execve');
  a.mov(edi, 1);
  a.syscall('exit_group');
  a.ud2();
}

/** The subroutine that reads one packet. */
function putReceive(a: X64): void {
  a.label('receive');
  a.mov(edi, behind('input'));
  a.mov(rsi, r12);
  a.mov(edx, PACKET_SIZE);
  a.syscall('read');
  a.ret();
}
