import type { WithListing } from '../assembler.ts';
import {
  at,
  eax,
  ebx,
  edi,
  edx,
  esi,
  r8d,
  r10d,
  r12,
  rax,
  rbx,
  rdi,
  rdx,
  rsi,
  rsp,
  X64,
} from '../x64.ts';
import * as data from './data.ts';

/** Registers: r12 argc, argv and envp as the kernel put them. At rsp: the record. */
export function reaperX64(): data.ReaperProgram & WithListing {
  const a = new X64();
  a.mov(r12, rsp);
  a.sub(rsp, 16);
  prepare(a);

  a.mov(edi, data.SIGCHLD);
  a.xor(esi, esi);
  a.xor(edx, edx);
  a.xor(r10d, r10d);
  a.xor(r8d, r8d);
  a.syscall('clone');
  a.test(rax, rax);
  a.js('end');
  a.je('child');
  a.mov(at(rsp), eax);
  a.mov(ebx, data.STARTED);
  a.mov(at(rsp, 4), ebx);
  a.call('tell');
  leaveCaller(a);

  a.label('wait');
  a.mov(edi, data.ANY_CHILD);
  a.lea(rsi, at(rsp, 4));
  a.xor(edx, edx);
  a.xor(r10d, r10d);
  a.syscall('wait4');
  a.test(rax, rax);
  a.js('end');
  a.mov(at(rsp), eax);
  a.call('tell');
  a.jmp('wait');

  a.label('end');
  a.xor(edi, edi);
  a.syscall('exit_group');
  a.ud2();
  executeDavit(a);

  a.label('tell');
  a.mov(edi, data.REPORT_FD);
  // Above the return address.
  a.lea(rsi, at(rsp, 8));
  a.mov(edx, data.RECORD_SIZE);
  a.syscall('write');
  a.ret();
  return a.finish();
}

/** Adopts what its children leave, and keeps the report to itself. */
function prepare(a: X64): void {
  a.mov(edi, data.PR_SET_CHILD_SUBREAPER);
  a.mov(esi, 1);
  a.xor(edx, edx);
  a.xor(r10d, r10d);
  a.xor(r8d, r8d);
  a.syscall('prctl');
  a.mov(edi, data.REPORT_FD);
  a.mov(esi, data.F_SETFD);
  a.mov(edx, data.FD_CLOEXEC);
  a.syscall('fcntl');
}

/** Holds no pipe of the container open, and gets no signal of the caller's terminal. */
function leaveCaller(a: X64): void {
  a.xor(ebx, ebx);
  a.label('close');
  a.mov(edi, ebx);
  a.syscall('close');
  a.add(rbx, 1);
  a.cmp(rbx, data.REPORT_FD);
  a.jne('close');
  a.syscall('setsid');
}

function executeDavit(a: X64): void {
  a.label('child');
  a.mov(rdi, at(r12, 16));
  a.lea(rsi, at(r12, 16));
  a.mov(rax, at(r12));
  a.shl(rax, 3);
  a.lea(rdx, at(r12, 16));
  a.add(rdx, rax);
  a.syscall('execve');
  a.mov(edi, data.NOT_EXECUTED);
  a.syscall('exit_group');
  a.ud2();
}
