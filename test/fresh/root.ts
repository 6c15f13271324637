import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { has } from '../support/host/has.ts';

const script = join(import.meta.dirname, 'make-root.sh');

/**
 * Options of unshare(1): new mount and pid namespaces, so that mounts and processes end with the
 * command.
 */
export const apart = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'];

/** Why this machine cannot make the root of another one. */
export function whatIsMissing(): string | undefined {
  if (process.geteuid!() !== 0) return 'needs root';
  const missing = ['apt-get', 'debootstrap', 'git', 'npm', 'unshare'].find((name) => !has(name));
  return missing && `needs ${missing}`;
}

/**
 * Returns the root of a new machine, which is made once and kept below the caller's cache.
 * Undefined without a network.
 */
export function provideRoot(): string | undefined {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'davit-fresh');
  const hash = createHash('sha256').update(readFileSync(script)).digest('hex').slice(0, 12);
  const root = join(cache, hash);
  if (existsSync(root)) return root;
  mkdirSync(cache, { recursive: true });
  // Remove roots of another version of the script, and unfinished ones.
  for (const name of readdirSync(cache)) rmSync(join(cache, name), { recursive: true });
  const made = join(cache, '.new');
  const { status } = spawnSync('unshare', [...apart, script, made, ...mirror()], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) return undefined;
  renameSync(made, root);
  return root;
}

/**
 * Where this machine's apt gets Debian's packages. Without an answer debootstrap uses its default.
 */
function mirror(): string[] {
  const format = ['--format', '$(REPO_URI) $(ORIGIN) $(LABEL)', 'Created-By: Packages'];
  const { stdout } = spawnSync('apt-get', ['indextargets', ...format], { encoding: 'utf8' });
  const line = stdout.split('\n').find((line) => line.endsWith(' Debian Debian'));
  return line ? [line.split(' ')[0]!] : [];
}
