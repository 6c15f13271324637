import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { NODE_FLAGS } from '../../src/node-flags.ts';
import { nodeFlags } from './node-options.ts';

/** Commands with a code cache of their own. All others get the cache of `state`. */
const hotCommands = ['state', 'create', 'start', 'kill', 'delete', 'run', 'exec'];

/**
 * Writes COMMAND-ARCH.cache beside main.js for each hot command: the bytecode of the functions that
 * the command runs, made by running it on `node`. davit works without them, but more slowly.
 */
export function writeCodeCaches(node: string, directory: string): void {
  const warmUp = join(import.meta.dirname, 'warm-up.cjs');
  for (const command of [...hotCommands, 'library']) {
    // V8 ignores a cache that was made with other flags.
    const flags = command === 'library' ? NODE_FLAGS : nodeFlags;
    const { status, signal, stderr } = spawnSync(node, [...flags, warmUp, directory, command], {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    if (status !== 0) throw new Error(`warm-up of ${command}: ${signal ?? status}\n${stderr}`);
  }
}
