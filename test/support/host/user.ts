import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type CommandOptions, DAVIT, type Result, runCommand } from '../command.ts';
import { chownTree } from './chown-tree.ts';

/** An ordinary user made for a test. */
export interface User {
  name: string;
  uid: number;
  gid: number;
  home: string;
  /** The user's XDG_RUNTIME_DIR. */
  runtimeDir: string;
  /** First host id of the user's 65536 subordinate uids and gids. */
  subId: number;
  /** Runs a command as the user, with HOME and XDG_RUNTIME_DIR. */
  run(command: string, args: string[], options?: CommandOptions): Result;
}

function isOnPath(name: string): boolean {
  const path = `${process.env.PATH}:/usr/sbin:/sbin`.split(':');
  return path.some((directory) => existsSync(`${directory}/${name}`));
}

/** The reason to skip a test as an ordinary user, or false. */
export const needsUser = whatIsMissing();

function whatIsMissing(): string | false {
  if (process.geteuid!() !== 0) return 'needs root, to make a user';
  if (!isOnPath('useradd')) return 'needs useradd';
  if (!isOnPath('newuidmap')) return 'needs newuidmap (package uidmap)';
  const nobody = { uid: 65534, gid: 65534 };
  const { status } = runCommand('test', ['-x', DAVIT], nobody);
  return status === 0 ? false : `${DAVIT} is not for everybody to execute`;
}

/**
 * Makes a user with a home, a runtime directory and subordinate ids. The user is removed after the
 * test.
 */
export function makeUser(t: TestContext): User {
  const name = `dt-${randomBytes(4).toString('hex')}`;
  const home = mkdtempSync(join(tmpdir(), 'home-'));
  administer('useradd', '--no-create-home', '--home-dir', home, name);
  t.after(() => {
    administer('userdel', '--force', name);
    rmSync(home, { recursive: true, force: true });
  });
  const [uid, gid] = idsOf(name);
  const runtimeDir = join(home, 'run');
  mkdirSync(runtimeDir, { mode: 0o700 });
  chownTree(home, uid, gid);
  const env = { HOME: home, USER: name, XDG_RUNTIME_DIR: runtimeDir };
  const run = (command: string, args: string[], options: CommandOptions = {}): Result =>
    runCommand(command, args, { uid, gid, ...options, env: { ...env, ...options.env } });
  return { name, uid, gid, home, runtimeDir, subId: subordinateOf(name), run };
}

function administer(command: string, ...args: string[]): void {
  const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
  const { status, stderr } = runCommand(command, args, { env: { PATH } });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}

function idsOf(name: string): [uid: number, gid: number] {
  const [, , uid, gid] = lineOf('/etc/passwd', name);
  return [Number(uid), Number(gid)];
}

function subordinateOf(name: string): number {
  const [first, second] = ['/etc/subuid', '/etc/subgid'].map((file) => lineOf(file, name)[1]);
  if (first !== second) throw new Error(`${name}: subordinate uids and gids differ`);
  return Number(first);
}

function lineOf(file: string, name: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const line = lines.find((text) => text.startsWith(`${name}:`));
  if (!line) throw new Error(`no ${name} in ${file}`);
  return line.split(':');
}
