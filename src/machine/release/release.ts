import { assemble } from '../assemble.ts';
import type { MachineArch, WithListing } from '../assembler.ts';
import { REPORT_SIZE } from '../constants.ts';
import { a0, a1, a2, behind, type Machine, result, s0, sp } from '../machine.ts';
import { ADDRESSES, FDS, PACKET_SIZE, type ReleaseProgram } from './data.ts';

const packet = s0;

/**
 * The program that data.ts describes. The caller fills in its data. The build assembles it in
 * advance: tools/build/bundle/assemble.ts.
 */
export const releaseProgram = (arch: MachineArch): ReleaseProgram & WithListing =>
  assemble(arch, release);

function release(m: Machine): void {
  m.subtract(sp, PACKET_SIZE);
  m.move(packet, sp);
  m.load32(a0, behind('output'));
  m.load(a1, behind('turn'));
  m.load(a2, behind('turnLength'));
  m.syscall('write');
  m.ifNegative(result, 'resume');

  m.call('receive');
  m.ifEqual(result, 0, 'resume');
  m.ifNegative(result, 'resume');

  putWait(m);
  putResume(m);
  putReceive(m);

  m.data();
  m.fields(ADDRESSES, 8);
  m.fields(FDS, 4);
  m.space(4); // what follows is aligned to 8 bytes
}

/** Waits until init executes its program, and ends; keeps init's report if init fails. */
function putWait(m: Machine): void {
  m.label('taken');
  m.call('receive');
  m.ifEqual(result, REPORT_SIZE, 'failed');
  m.ifEqual(result, 0, 'executed');
  m.ifNegative(result, 'executed');
  m.jump('taken');

  m.label('executed');
  m.exit(0);

  m.label('failed');
  m.load32(a0, behind('failure'));
  m.syscall('write', a0, packet, REPORT_SIZE);
}

/** Executes davit again, which explains the failure. */
function putResume(m: Machine): void {
  m.label('resume');
  m.load(a0, behind('path'));
  m.load(a1, behind('argv'));
  m.load(a2, behind('envp'));
  m.syscall('execve');
  m.exit(1);
}

/** The subroutine that reads one packet. */
function putReceive(m: Machine): void {
  m.label('receive');
  m.load32(a0, behind('input'));
  m.syscall('read', a0, packet, PACKET_SIZE);
  m.return();
}
