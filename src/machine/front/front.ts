import type { MachineArch, WithListing } from '../assembler.ts';
import { frontArm64 } from './arm64.ts';
import type { FrontProgram, FrontSettings } from './data.ts';
import { frontX64 } from './x64.ts';

/** The program that data.ts describes. The build makes dist/davit from it. */
export const frontProgram = (
  arch: MachineArch,
  settings: FrontSettings,
): FrontProgram & WithListing => (arch === 'x64' ? frontX64(settings) : frontArm64(settings));
