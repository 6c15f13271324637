import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DavitOptions } from '../../src/index.ts';
import { NODE_FLAGS } from '../../src/node-flags.ts';
import { DAVIT } from './command.ts';

/**
 * Node's arguments for a program that embeds davit. `body` may use `davit`, with the state
 * directory `root`, and `fs`.
 */
export function embed(body: string, root: string, options: DavitOptions = {}): string[] {
  const file = `${root}.mts`;
  const library = join(DAVIT, '../index.js');
  writeFileSync(
    file,
    `import fs from 'node:fs';
     import { Davit } from ${JSON.stringify(library)};
     const davit = new Davit(${JSON.stringify({ ...options, root })});
     ${body}`,
  );
  return [...NODE_FLAGS, file];
}
