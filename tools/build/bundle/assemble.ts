import type { MachineArch, Program } from '../../../src/machine/assembler.ts';

/** Modules that each export one function, which assembles a program for an architecture. */
const PROGRAMS = /src\/machine\/(trampoline|switch|exec-handler|mask-handler|release)\/\1\.ts$/;

/**
 * Assembles the programs of src/machine when davit is built: at run time, each would take a command
 * about 20 ms. Returns a module with the bytes and the offsets of the labels, in place of `path`.
 */
export async function assemble(path: string): Promise<string | undefined> {
  if (!PROGRAMS.test(path)) return undefined;
  const exported: Record<string, (arch: MachineArch) => Program> = await import(path);
  const lines = Object.entries(exported).map(([name, program]) => {
    const finished = JSON.stringify({
      x64: encode(program('x64')),
      arm64: encode(program('arm64')),
    });
    return `const ${name}s = ${finished};
      export const ${name} = (arch) =>
        ({ ...${name}s[arch], code: Buffer.from(${name}s[arch].code, 'base64') });`;
  });
  return lines.join('\n');
}

const encode = ({ code, labels }: Program) => ({ code: code.toString('base64'), labels });
