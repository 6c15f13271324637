import type { MachineArch, WithListing } from '../assembler.ts';
import { execHandlerArm64 } from './arm64.ts';
import type { ExecHandlerProgram } from './data.ts';
import { execHandlerX64 } from './x64.ts';

/**
 * The program that data.ts describes. The caller fills in its data. The build assembles it in
 * advance: tools/build/bundle/assemble.ts.
 */
export const execHandlerProgram = (arch: MachineArch): ExecHandlerProgram & WithListing =>
  arch === 'x64' ? execHandlerX64() : execHandlerArm64();
