import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENTRIES, INSTRUCTIONS, switchCode } from '../../../../src/syscalls/switch/switch-code.ts';
import { disassemble, needsDisassembler, withoutSpaces } from '../../../support/disassemble.ts';

test("a disassembler reads the switch's code as it is commented", {
  skip: needsDisassembler('x64'),
}, () => {
  assert.deepEqual(disassemble('x64', switchCode()), withoutSpaces(INSTRUCTIONS));
});

test('each function begins by saving registers', () => {
  const code = switchCode();
  for (const [name, entry] of Object.entries(ENTRIES)) {
    assert.equal(code.toString('hex', entry, entry + 2), '5355', name);
  }
});
