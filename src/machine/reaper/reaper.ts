import { assemble } from '../assemble.ts';
import type { MachineArch, WithListing } from '../assembler.ts';
import { addressOfEnvp } from '../envp.ts';
import { a0, a2, at, type Machine, result, s0, s1, s2, sp } from '../machine.ts';
import * as data from './data.ts';

/** argc, argv and envp as the kernel put them. */
const caller = s0;
const record = s1;

/** The program that data.ts describes. The build makes the file davit-reaper from it. */
export const reaperProgram = (arch: MachineArch): data.ReaperProgram & WithListing =>
  assemble(arch, reaper);

function reaper(m: Machine): void {
  m.move(caller, sp);
  m.subtract(sp, 16);
  m.move(record, sp);
  prepare(m);

  m.syscall('clone', data.SIGCHLD, 0, 0, 0, 0);
  m.ifNegative(result, 'end');
  m.ifEqual(result, 0, 'child');
  m.store32(at(record), result);
  m.store32(at(record, 4), data.STARTED);
  m.call('tell');
  leaveCaller(m);

  m.label('wait');
  m.syscall('wait4', data.ANY_CHILD, at(record, 4), 0, 0);
  m.ifNegative(result, 'end');
  m.store32(at(record), result);
  m.call('tell');
  m.jump('wait');

  m.label('end');
  m.exit(0);
  executeDavit(m);

  m.label('tell');
  m.syscall('write', data.REPORT_FD, record, data.RECORD_SIZE);
  m.return();
}

/** Adopts what its children leave, and keeps the report to itself. */
function prepare(m: Machine): void {
  m.syscall('prctl', data.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  m.syscall('fcntl', data.REPORT_FD, data.F_SETFD, data.FD_CLOEXEC);
}

/** Holds no pipe of the container open, and gets no signal of the caller's terminal. */
function leaveCaller(m: Machine): void {
  const fd = s2;
  m.set(fd, 0);
  m.label('close');
  m.syscall('close', fd);
  m.add(fd, 1);
  m.ifNotEqual(fd, data.REPORT_FD, 'close');
  m.syscall('setsid');
}

function executeDavit(m: Machine): void {
  m.label('child');
  addressOfEnvp(m, a2, caller);
  m.load(a0, at(caller, 16));
  m.syscall('execve', a0, at(caller, 16), a2);
  m.exit(data.NOT_EXECUTED);
}
