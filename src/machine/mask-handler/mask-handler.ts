import type { MachineArch, WithListing } from '../assembler.ts';
import { maskHandlerArm64 } from './arm64.ts';
import type { MaskHandlerProgram } from './data.ts';
import { maskHandlerX64 } from './x64.ts';

/**
 * The program that data.ts describes. The caller fills in the mask. The build assembles it in
 * advance: tools/build/bundle/assemble.ts.
 */
export const maskHandlerProgram = (arch: MachineArch): MaskHandlerProgram & WithListing =>
  arch === 'x64' ? maskHandlerX64() : maskHandlerArm64();
