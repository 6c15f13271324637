import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INSTRUCTIONS, machineCode } from '../../../../src/process/trampoline/machine-code.ts';
import { disassemble, needsDisassembler, withoutSpaces } from '../../../support/disassemble.ts';

for (const arch of ['x64', 'arm64'] as const) {
  test(`a disassembler reads ${arch}'s code as it is commented`, {
    skip: needsDisassembler(arch),
  }, () => {
    assert.deepEqual(disassemble(arch, machineCode(arch)), withoutSpaces(INSTRUCTIONS[arch]));
  });
}
