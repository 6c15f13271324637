import type { Plugin } from 'esbuild';
import type { MachineArch, Program } from '../../../src/machine/assembler.ts';

/** Modules that each export one function, which assembles a program for an architecture. */
const PROGRAMS =
  /src\/machine\/(trampoline\/trampoline|switch\/switch|exec-handler\/exec-handler|release\/release)\.ts$/;

/**
 * Assembles the programs of src/machine when davit is built: at run time, each would take a command
 * about 20 ms. The bundle gets the bytes and the offsets of the labels.
 */
export const assemble: Plugin = {
  name: 'assemble',
  setup({ onLoad }) {
    onLoad({ filter: PROGRAMS }, async ({ path }) => {
      const exported: Record<string, (arch: MachineArch) => Program> = await import(path);
      const lines = Object.entries(exported).map(([name, program]) => {
        const finished = JSON.stringify({
          x64: encode(program('x64')),
          arm64: encode(program('arm64')),
        });
        return `const ${name}s = ${finished};
          exports.${name} = (arch) =>
            ({ ...${name}s[arch], code: Buffer.from(${name}s[arch].code, 'base64') });`;
      });
      return { contents: lines.join('\n') };
    });
  },
};

const encode = ({ code, labels }: Program) => ({ code: code.toString('base64'), labels });
