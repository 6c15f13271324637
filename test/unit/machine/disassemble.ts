import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DISASSEMBLERS = {
  x64: ['objdump', '-b', 'binary', '-m', 'i386:x86-64', '-M', 'intel', '-D'],
  arm64: ['aarch64-linux-gnu-objdump', '-b', 'binary', '-m', 'aarch64', '-D'],
};

type Arch = keyof typeof DISASSEMBLERS;

/** The reason to skip a test on a machine without a disassembler, or false. */
export function needsDisassembler(arch: Arch): string | false {
  const [objdump] = DISASSEMBLERS[arch];
  return spawnSync(objdump!, ['--version']).error ? `${objdump} is not installed` : false;
}

/** Disassembles code with objdump. Returns instructions without spaces and comments. */
export function disassemble(arch: Arch, code: Uint8Array): string[] {
  const [objdump, ...args] = DISASSEMBLERS[arch];
  const directory = mkdtempSync(join(tmpdir(), 'davit-code-'));
  try {
    const file = join(directory, 'code');
    writeFileSync(file, code);
    return mnemonics(spawnSync(objdump!, [...args, file], { encoding: 'utf8' }).stdout);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const mnemonics = (listing: string): string[] =>
  [...listing.matchAll(/^\s+[0-9a-f]+:\t[0-9a-f ]+\t(.*)$/gm)].map(([, text]) =>
    withoutSpaces(text!.replace(/\s*(#|\/\/) .*/, '').replace(/\t\/\/.*/, '')),
  );

/** Normalizes an instruction's text for comparison. */
export const withoutSpaces = (text: string): string => text.replaceAll(/\s/g, '');
