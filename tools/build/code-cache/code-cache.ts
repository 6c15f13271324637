import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { NODE_FLAGS } from '../../../src/node-flags.ts';
import { longLifeFlags } from '../../../src/server/long-life.ts';
import { nodeFlags } from '../node-options.ts';

/** Commands with a code cache of their own. All others get the cache of `state`. */
const hotCommands = ['state', 'create', 'start', 'kill', 'delete', 'run', 'exec'];

/** The program for which a code cache is made: a command, or the embedding API. */
const programs = [...hotCommands, 'library'];

/**
 * Writes COMMAND-ARCH.cache beside main.js for each hot command, by running the command on `node`:
 * the bytecode of the functions that it runs. Writes the shim's cache as well. davit works without
 * the caches, but more slowly.
 */
export function writeCodeCaches(node: string, directory: string): void {
  for (const program of programs) writeCodeCache(node, directory, program);
  const compiler = join(import.meta.dirname, 'compile-shim.cjs');
  execFileSync(node, [...longLifeFlags(nodeFlags), compiler, directory]);
}

/**
 * Writes the code cache of one program. Returns what the ids of its containers begin with. Throws
 * if the program fails or takes more than a minute.
 */
export function writeCodeCache(node: string, directory: string, program: string): string {
  const scratch = mkdtempSync(join(tmpdir(), 'davit-warm-up-'));
  const env = { ...process.env, DAVIT_TRACE_DIR: join(scratch, 'traces') };
  try {
    // V8 ignores a cache that was made with other flags.
    const flags = program === 'library' ? NODE_FLAGS : nodeFlags;
    const warmUp = join(import.meta.dirname, 'warm-up.cjs');
    // Not a pipe: the init of `create` keeps it open, and spawnSync would wait for its end.
    const output = join(scratch, 'stderr');
    const stderr = openSync(output, 'w');
    const { status, signal } = spawnSync(node, [...flags, warmUp, directory, program, scratch], {
      env,
      stdio: ['ignore', 'ignore', stderr],
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    closeSync(stderr);
    const why = () => `${signal ?? status}\n${readFileSync(output, 'utf8')}`;
    if (status !== 0) throw new Error(`warm-up of ${program}: ${why()}`);
  } finally {
    // Not the warm-up itself: `start` ends by executing another program in its process.
    deleteContainers(node, directory, join(scratch, 'root'), env);
    rmSync(scratch, { recursive: true, force: true });
  }
  return basename(scratch);
}

function deleteContainers(
  node: string,
  directory: string,
  root: string,
  env: NodeJS.ProcessEnv,
): void {
  const loader = join(directory, 'loader.cjs');
  const ids = existsSync(root) ? readdirSync(root) : [];
  for (const id of ids) {
    spawnSync(node, [...nodeFlags, loader, '--root', root, 'delete', '--force', id], {
      env,
      stdio: 'ignore',
      timeout: 10_000,
      killSignal: 'SIGKILL',
    });
  }
}
