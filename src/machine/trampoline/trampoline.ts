import type { MachineArch, WithListing } from '../assembler.ts';
import { trampolineArm64 } from './arm64.ts';
import type { TrampolineProgram } from './table.ts';
import { trampolineX64 } from './x64.ts';

/** The program that table.ts describes. The build assembles it: tools/build/bundle/assemble.ts. */
export const trampolineProgram = (arch: MachineArch): TrampolineProgram & WithListing =>
  arch === 'x64' ? trampolineX64() : trampolineArm64();
