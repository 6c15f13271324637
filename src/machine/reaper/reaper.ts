import type { MachineArch, WithListing } from '../assembler.ts';
import { reaperArm64 } from './arm64.ts';
import type { ReaperProgram } from './data.ts';
import { reaperX64 } from './x64.ts';

/** The program that data.ts describes. The build makes the file davit-reaper from it. */
export const reaperProgram = (arch: MachineArch): ReaperProgram & WithListing =>
  arch === 'x64' ? reaperX64() : reaperArm64();
