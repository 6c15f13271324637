import { Arm64, sp, w0, x0, x1, x2, x20 } from '../arm64.ts';
import type { WithListing } from '../assembler.ts';
import { REPORT_SIZE } from '../constants.ts';
import { ADDRESSES, FDS, PACKET_SIZE, type ReleaseProgram } from './data.ts';

/** Registers: x20 the packet. */
export function releaseArm64(): ReleaseProgram & WithListing {
  const a = new Arm64();
  a.sub(sp, sp, PACKET_SIZE);
  a.mov(x20, sp);
  a.ldr(w0, 'output');
  a.ldr(x1, 'turn');
  a.ldr(x2, 'turnLength');
  a.syscall('write');
  a.tbnz(x0, 63, 'resume');

  a.bl('receive');
  a.cbz(x0, 'resume');
  a.tbnz(x0, 63, 'resume');

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
function putWait(a: Arm64): void {
  a.label('taken');
  a.bl('receive');
  a.cmp(x0, REPORT_SIZE);
  a.beq('failed');
  a.cbz(x0, 'executed');
  a.tbz(x0, 63, 'taken');

  a.label('executed');
  a.mov(x0, 0);
  a.syscall('exit_group');
  a.brk();

  a.label('failed');
  a.ldr(w0, 'failure');
  a.mov(x1, x20);
  a.mov(x2, REPORT_SIZE);
  a.syscall('write');
}

/** Executes davit again, which explains the failure. */
function putResume(a: Arm64): void {
  a.label('resume');
  a.ldr(x0, 'path');
  a.ldr(x1, 'argv');
  a.ldr(x2, 'envp');
  a.syscall('execve');
  a.mov(x0, 1);
  a.syscall('exit_group');
  a.brk();
}

/** The subroutine that reads one packet. */
function putReceive(a: Arm64): void {
  a.label('receive');
  a.ldr(w0, 'input');
  a.mov(x1, x20);
  a.mov(x2, PACKET_SIZE);
  a.syscall('read');
  a.ret();
}
