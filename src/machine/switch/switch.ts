import type { MachineArch, WithListing } from '../assembler.ts';
import { switchArm64 } from './arm64.ts';
import type { SwitchProgram } from './state.ts';
import { switchX64 } from './x64.ts';

/**
 * The functions that state.ts describes, at labels of the same names. The build assembles them in
 * advance: tools/build/bundle/assemble.ts.
 */
export const switchProgram = (arch: MachineArch): SwitchProgram & WithListing =>
  arch === 'x64' ? switchX64() : switchArm64();
