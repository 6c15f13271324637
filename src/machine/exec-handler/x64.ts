import type { WithListing } from '../assembler.ts';
import { SIG_SETMASK, SIGSET_SIZE, STDERR } from '../constants.ts';
import { behind, edi, edx, r10d, rdi, rdx, rsi, X64 } from '../x64.ts';
import { DATA, type ExecHandlerProgram } from './data.ts';

export function execHandlerX64(): ExecHandlerProgram & WithListing {
  const a = new X64();
  a.mov(edi, SIG_SETMASK);
  a.lea(rsi, behind('emptyMask'));
  a.xor(edx, edx);
  a.mov(r10d, SIGSET_SIZE);
  a.syscall('rt_sigprocmask');
  a.mov(rdi, behind('path'));
  a.mov(rsi, behind('argv'));
  a.mov(rdx, behind('envp'));
  a.syscall('execve');
  a.mov(edi, STDERR);
  a.mov(rsi, behind('failureMessage'));
  a.mov(rdx, behind('failureMessageLength'));
  a.syscall('write');
  a.mov(edi, 1);
  a.syscall('exit_group');
  a.ud2();

  a.data();
  a.fields(DATA, 8);
  return a.finish();
}
