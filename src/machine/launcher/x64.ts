import type { WithListing } from '../assembler.ts';
import { ENOENT, ENOTDIR } from '../constants.ts';
import {
  at,
  eax,
  ebp,
  ebx,
  edi,
  edx,
  esi,
  r8d,
  r9d,
  r10d,
  r12d,
  r13,
  r15,
  rax,
  rbp,
  rbx,
  rdi,
  rdx,
  rsi,
  rsp,
  X64,
} from '../x64.ts';
import * as data from './data.ts';

const { FAILED, IMAGE } = data;

/** Registers: rbx the image, r12d which of FAILED, r13 the image's length, later the failure. */
export function launcherX64(): data.LauncherProgram & WithListing {
  const a = new X64();
  a.sub(rsp, 16);
  a.mov(rbx, rsp);
  a.mov(ebp, data.LENGTH_SIZE);
  a.call('read');
  mapImage(a);
  a.mov(ebx, data.IMAGE_ADDRESS);
  a.mov(rbp, r13);
  a.call('read');
  a.mov(ebx, data.IMAGE_ADDRESS);
  a.mov(edi, data.COMMAND_FD);
  a.mov(esi, data.F_SETFD);
  a.mov(edx, data.FD_CLOEXEC);
  a.syscall('fcntl');

  a.mov(r12d, FAILED.chdir);
  a.mov(rdi, at(rbx, IMAGE.cwd));
  a.test(rdi, rdi);
  a.je('execute');
  a.syscall('chdir');
  a.test(rax, rax);
  a.js('report');
  execute(a);
  report(a);
  putRead(a);
  return a.finish();
}

function mapImage(a: X64): void {
  a.mov(r13, at(rsp));
  a.mov(edi, data.IMAGE_ADDRESS);
  a.mov(rsi, r13);
  a.mov(edx, data.PROT_READ_WRITE);
  a.mov(r10d, data.MAP_FLAGS);
  a.xor(r8d, r8d);
  a.xor(r9d, r9d);
  a.syscall('mmap');
  a.test(rax, rax);
  a.js('end');
}

/** Registers: r15 the next of the paths. */
function execute(a: X64): void {
  a.label('execute');
  a.mov(r12d, FAILED.execve);
  a.mov(eax, ENOENT);
  a.neg(rax);
  a.mov(r13, rax);
  a.mov(r15, at(rbx, IMAGE.paths));
  a.label('path');
  a.mov(rdi, at(r15));
  a.test(rdi, rdi);
  a.je('no path');
  a.add(r15, 8);
  a.mov(rsi, at(rbx, IMAGE.argv));
  a.mov(rdx, at(rbx, IMAGE.envp));
  a.syscall('execve');
  a.cmp(rax, -ENOENT);
  a.je('path');
  a.cmp(rax, -ENOTDIR);
  a.je('path');
  a.mov(r13, rax);
  a.jmp('path');
  a.label('no path');
  a.mov(rax, r13);
}

function report(a: X64): void {
  a.label('report');
  a.neg(rax);
  a.mov(at(rsp), r12d);
  a.mov(at(rsp, 4), eax);
  a.mov(edi, data.COMMAND_FD);
  a.mov(rsi, rsp);
  a.mov(edx, data.REPORT_SIZE);
  a.syscall('write');
  a.mov(edi, data.NOT_EXECUTED);
  a.syscall('exit_group');
  a.ud2();
}

/** The subroutine that reads rbp bytes to rbx. Ends the program if there are fewer. */
function putRead(a: X64): void {
  a.label('read');
  a.mov(edi, data.COMMAND_FD);
  a.mov(rsi, rbx);
  a.mov(rdx, rbp);
  a.syscall('read');
  a.test(rax, rax);
  a.js('end');
  a.je('end');
  a.add(rbx, rax);
  a.sub(rbp, rax);
  a.jne('read');
  a.ret();

  a.label('end');
  a.xor(edi, edi);
  a.syscall('exit_group');
  a.ud2();
}
