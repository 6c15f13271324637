import { Arm64, x0, x1, x2, x3 } from '../arm64.ts';
import type { WithListing } from '../assembler.ts';
import { SIG_SETMASK, SIGSET_SIZE, STDERR } from '../constants.ts';
import { DATA, type ExecHandlerProgram } from './data.ts';

export function execHandlerArm64(): ExecHandlerProgram & WithListing {
  const a = new Arm64();
  a.mov(x0, SIG_SETMASK);
  a.adr(x1, 'emptyMask');
  a.mov(x2, 0);
  a.mov(x3, SIGSET_SIZE);
  a.syscall('rt_sigprocmask');
  a.ldr(x0, 'path');
  a.ldr(x1, 'argv');
  a.ldr(x2, 'envp');
  a.syscall('execve');
  a.mov(x0, STDERR);
  a.ldr(x1, 'failureMessage');
  a.ldr(x2, 'failureMessageLength');
  a.syscall('write');
  a.mov(x0, 1);
  a.syscall('exit_group');
  a.brk();

  a.data();
  a.fields(DATA, 8);
  return a.finish();
}
