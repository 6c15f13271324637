import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MachineArch, Program, WithListing } from '../../../src/machine/assembler.ts';
import { execHandlerProgram } from '../../../src/machine/exec-handler/exec-handler.ts';
import { frontProgram } from '../../../src/machine/front/front.ts';
import { launcherProgram } from '../../../src/machine/launcher/launcher.ts';
import { maskHandlerProgram } from '../../../src/machine/mask-handler/mask-handler.ts';
import { reaperProgram } from '../../../src/machine/reaper/reaper.ts';
import { releaseProgram } from '../../../src/machine/release/release.ts';
import { switchProgram } from '../../../src/machine/switch/switch.ts';
import { trampolineProgram } from '../../../src/machine/trampoline/trampoline.ts';
import { disassemble, needsDisassembler, withoutSpaces } from './disassemble.ts';

const PROGRAMS: Record<string, (arch: MachineArch) => Program & WithListing> = {
  'the trampoline, with the signal handler in it': trampolineProgram,
  'the switch': switchProgram,
  'the exec handler': execHandlerProgram,
  'the mask handler': maskHandlerProgram,
  'what releases init': releaseProgram,
  'the reaper': reaperProgram,
  'the launcher': launcherProgram,
  'the front': (arch) =>
    frontProgram(arch, {
      build: 'b',
      loader: 'x',
      flags: ['-y'],
      moved: ['Z'],
      prefix: 'P_',
      nofile: 'N',
    }),
};

for (const arch of ['x64', 'arm64'] as const) {
  for (const [name, program] of Object.entries(PROGRAMS)) {
    test(`${arch}: the disassembly of ${name} equals its source`, {
      skip: needsDisassembler(arch),
    }, () => {
      const { code, size, listing } = program(arch);
      assert.deepEqual(disassemble(arch, code.subarray(0, size)), listing().map(withoutSpaces));
    });
  }
}
