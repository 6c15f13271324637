import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** A runtime to measure, with runc's command line. */
export interface Runtime {
  name: string;
  path: string;
  /** First line of `--version`. */
  version: string;
  /** Variables to add to the environment. */
  env: Record<string, string>;
}

/**
 * davit without a server, and the two runtimes that it is compared with, from $RUNC and $CRUN or
 * else PATH.
 */
export function findRuntimes(davit: string): Runtime[] {
  const others = { runc: process.env.RUNC, crun: process.env.CRUN };
  const found = [{ name: 'davit', path: davit, version: versionOf(davit), env: COLD }];
  for (const [name, given] of Object.entries(others)) {
    const path = given ?? findProgram(name);
    found.push({ name, path, version: versionOf(path), env: {} });
  }
  return found;
}

/** Absolute path of a program. Installs the Debian package with it, if it is not there. */
export const findProgram = (name: string, debian = name): string =>
  search(name) ?? install(name, debian);

const COLD: Record<string, string> = { DAVIT_SERVER: '' };

function versionOf(path: string): string {
  const { stdout, status } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${path} --version failed`);
  return stdout.split('\n', 1)[0]!;
}

function search(name: string): string | undefined {
  for (const directory of [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/bin']) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return undefined;
}

function install(name: string, debian: string): string {
  process.stderr.write(`installing ${debian}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const get = ['install', '-y', '-qq', '--no-install-recommends', debian];
  if (spawnSync('apt-get', get, { env }).status !== 0) {
    spawnSync('apt-get', ['update', '-qq'], { env });
    spawnSync('apt-get', get, { env });
  }
  const path = search(name);
  if (!path) throw new Error(`${name} is not there, and apt-get cannot install it`);
  return path;
}
