import type { WithListing } from '../assembler.ts';
import { SIGSET_SIZE } from '../constants.ts';
import { at, behind, rax, rdx, X64 } from '../x64.ts';
import { type MaskHandlerProgram, UC_SIGMASK_X64 } from './data.ts';

export function maskHandlerX64(): MaskHandlerProgram & WithListing {
  const a = new X64();
  a.mov(rax, behind('mask'));
  a.mov(at(rdx, UC_SIGMASK_X64), rax);
  a.ret();

  a.data();
  a.label('mask');
  a.space(SIGSET_SIZE);
  return a.finish();
}
