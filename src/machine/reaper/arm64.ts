import { Arm64, at, sp, w0, w9, x0, x1, x2, x3, x4, x9, x19, x20 } from '../arm64.ts';
import type { WithListing } from '../assembler.ts';
import * as data from './data.ts';

/** Registers: x19 argc, argv and envp as the kernel put them. At sp: the record. */
export function reaperArm64(): data.ReaperProgram & WithListing {
  const a = new Arm64();
  a.mov(x19, sp);
  a.sub(sp, sp, 16);
  prepare(a);

  a.mov(x0, data.SIGCHLD);
  for (const register of [x1, x2, x3, x4]) a.mov(register, 0);
  a.syscall('clone');
  a.tbnz(x0, 63, 'end');
  a.cbz(x0, 'child');
  a.str(w0, at(sp));
  a.ldr(w9, 'started');
  a.str(w9, at(sp, 4));
  a.bl('tell');
  leaveCaller(a);

  a.label('wait');
  a.ldr(w0, 'anyChild');
  a.add(x1, sp, 4);
  a.mov(x2, 0);
  a.mov(x3, 0);
  a.syscall('wait4');
  a.tbnz(x0, 63, 'end');
  a.str(w0, at(sp));
  a.bl('tell');
  a.b('wait');

  a.label('end');
  a.mov(x0, 0);
  a.syscall('exit_group');
  a.brk();
  executeDavit(a);

  a.label('tell');
  a.mov(x0, data.REPORT_FD);
  a.mov(x1, sp);
  a.mov(x2, data.RECORD_SIZE);
  a.syscall('write');
  a.ret();

  a.data();
  a.word('started', data.STARTED);
  a.word('anyChild', data.ANY_CHILD);
  return a.finish();
}

/** Adopts what its children leave, and keeps the report to itself. */
function prepare(a: Arm64): void {
  a.mov(x0, data.PR_SET_CHILD_SUBREAPER);
  a.mov(x1, 1);
  for (const register of [x2, x3, x4]) a.mov(register, 0);
  a.syscall('prctl');
  a.mov(x0, data.REPORT_FD);
  a.mov(x1, data.F_SETFD);
  a.mov(x2, data.FD_CLOEXEC);
  a.syscall('fcntl');
}

/** Holds no pipe of the container open, and gets no signal of the caller's terminal. */
function leaveCaller(a: Arm64): void {
  a.mov(x20, 0);
  a.label('close');
  a.mov(x0, x20);
  a.syscall('close');
  a.add(x20, x20, 1);
  a.cmp(x20, data.REPORT_FD);
  a.bne('close');
  a.syscall('setsid');
}

function executeDavit(a: Arm64): void {
  a.label('child');
  a.ldr(x0, at(x19, 16));
  a.add(x1, x19, 16);
  a.ldr(x9, at(x19));
  a.add(x2, x19, 16);
  a.add(x2, x2, x9, 3);
  a.syscall('execve');
  a.mov(x0, data.NOT_EXECUTED);
  a.syscall('exit_group');
  a.brk();
}
