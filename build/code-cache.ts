import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { nodeFlags } from './node-options.ts';

/**
 * Writes main.cache beside main.js: the bytecode of all functions that the hot commands run, made by
 * running them on `node`. A build without it works, more slowly.
 */
export function writeCodeCache(node: string, directory: string): void {
  const warmUp = join(import.meta.dirname, 'warm-up.cjs');
  const { status, signal, stderr } = spawnSync(node, [...nodeFlags, warmUp, directory], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  if (status !== 0) throw new Error(`warm-up ended with ${signal ?? status}:\n${stderr}`);
}
