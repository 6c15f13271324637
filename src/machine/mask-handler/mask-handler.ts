import { assemble } from '../assemble.ts';
import type { MachineArch, WithListing } from '../assembler.ts';
import { SIGSET_SIZE } from '../constants.ts';
import { a2, at, behind, type Machine, t0 } from '../machine.ts';
import { type MaskHandlerProgram, UC_SIGMASK } from './data.ts';

/**
 * The program that data.ts describes. The caller fills in the mask. The build assembles it in
 * advance: tools/build/bundle/assemble.ts.
 */
export const maskHandlerProgram = (arch: MachineArch): MaskHandlerProgram & WithListing =>
  assemble(arch, maskHandler);

function maskHandler(m: Machine): void {
  m.load(t0, behind('mask'));
  m.store(at(a2, UC_SIGMASK[m.arch]), t0);
  m.return();

  m.data();
  m.label('mask');
  m.space(SIGSET_SIZE);
}
