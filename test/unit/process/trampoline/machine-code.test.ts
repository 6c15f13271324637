import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  INSTRUCTIONS,
  machineCode,
  type TrampolineArch,
} from '../../../../src/process/trampoline/machine-code.ts';

const DISASSEMBLERS: Record<TrampolineArch, string[]> = {
  x64: ['objdump', '-b', 'binary', '-m', 'i386:x86-64', '-M', 'intel', '-D'],
  arm64: ['aarch64-linux-gnu-objdump', '-b', 'binary', '-m', 'aarch64', '-D'],
};

for (const arch of ['x64', 'arm64'] as const) {
  const [objdump, ...args] = DISASSEMBLERS[arch];
  const missing = spawnSync(objdump!, ['--version']).error !== undefined;
  test(`a disassembler reads ${arch}'s code as it is commented`, {
    skip: missing && `${objdump} is not installed`,
  }, () => {
    const directory = mkdtempSync(join(tmpdir(), 'davit-code-'));
    try {
      const file = join(directory, 'code');
      writeFileSync(file, machineCode(arch));
      const listing = spawnSync(objdump!, [...args, file], { encoding: 'utf8' }).stdout;
      assert.deepEqual(
        disassembled(listing),
        INSTRUCTIONS[arch].map(([, mnemonic]) => mnemonic.replaceAll(/\s/g, '')),
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}

/** The mnemonics of objdump's listing, without spaces, sizes and comments. */
function disassembled(listing: string): string[] {
  return [...listing.matchAll(/^\s+[0-9a-f]+:\t[0-9a-f ]+\t(.*)$/gm)].map(([, text]) =>
    text!
      .replace(/\s*(#|\/\/) .*/, '')
      .replace(/\t\/\/.*/, '')
      .replaceAll(/[DQ]WORD PTR |(BYTE) PTR /g, (_all, byte) => (byte ? 'byte' : ''))
      .replaceAll(/\s/g, ''),
  );
}
