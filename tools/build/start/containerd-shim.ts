import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MOVED_PREFIX } from '../../../src/caller/caller-environment.ts';
import { NOFILE_VARIABLE } from '../../../src/init/parent/inherited-nofile.ts';
import { longLifeFlags } from '../../../src/server/long-life.ts';
import { nodeEnvironment, nodeFlags } from '../node-options.ts';

/** The text of dist/containerd-shim-davit-v1 for the build with this name. */
export function containerdShim(build: string): string {
  const words: Record<string, string> = {
    BUILD: build,
    FLAGS: longLifeFlags(nodeFlags).join(' '),
    VARIABLES: nodeEnvironment.join(' '),
    PREFIX: MOVED_PREFIX,
    NOFILE: NOFILE_VARIABLE,
  };
  const script = readFileSync(join(import.meta.dirname, 'containerd-shim.sh'), 'utf8');
  return script.replace(/@([A-Z]+)@/g, (_, word: string) => words[word]!);
}
