import { Arm64Machine } from './arm64-machine.ts';
import type { MachineArch, Program, WithListing } from './assembler.ts';
import type { Machine } from './machine.ts';
import { X64Machine } from './x64-machine.ts';

/** Assembles what `write` writes. */
export function assemble<Label extends string>(
  arch: MachineArch,
  write: (m: Machine) => void,
): Program<Label> & WithListing {
  const m = arch === 'x64' ? new X64Machine() : new Arm64Machine();
  write(m);
  return m.finish();
}
