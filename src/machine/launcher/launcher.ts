import type { MachineArch, WithListing } from '../assembler.ts';
import { launcherArm64 } from './arm64.ts';
import type { LauncherProgram } from './data.ts';
import { launcherX64 } from './x64.ts';

/** The program that data.ts describes. The build makes the file davit-launcher from it. */
export const launcherProgram = (arch: MachineArch): LauncherProgram & WithListing =>
  arch === 'x64' ? launcherX64() : launcherArm64();
