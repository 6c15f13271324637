import type { MachineArch, WithListing } from '../assembler.ts';
import { releaseArm64 } from './arm64.ts';
import type { ReleaseProgram } from './data.ts';
import { releaseX64 } from './x64.ts';

/**
 * The program that data.ts describes. The caller fills in its data. The build assembles it in
 * advance: tools/build/bundle/assemble.ts.
 */
export const releaseProgram = (arch: MachineArch): ReleaseProgram & WithListing =>
  arch === 'x64' ? releaseX64() : releaseArm64();
