import { Arm64, at, x2, x3 } from '../arm64.ts';
import type { WithListing } from '../assembler.ts';
import { SIGSET_SIZE } from '../constants.ts';
import { type MaskHandlerProgram, UC_SIGMASK_ARM64 } from './data.ts';

export function maskHandlerArm64(): MaskHandlerProgram & WithListing {
  const a = new Arm64();
  a.ldr(x3, 'mask');
  a.str(x3, at(x2, UC_SIGMASK_ARM64));
  a.ret();

  a.data();
  a.label('mask');
  a.space(SIGSET_SIZE);
  return a.finish();
}
