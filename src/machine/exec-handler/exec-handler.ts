import type { Listed, MachineArch } from '../assembler.ts';
import { execHandlerArm64 } from './arm64.ts';
import type { ExecHandlerProgram } from './data.ts';
import { execHandlerX64 } from './x64.ts';

/** The program that data.ts describes; its data are to be filled in. The build assembles it: build/assemble.ts. */
export const execHandlerProgram = (arch: MachineArch): ExecHandlerProgram & Listed =>
  arch === 'x64' ? execHandlerX64() : execHandlerArm64();
