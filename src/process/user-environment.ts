import { closeSync, constants, fstatSync, readSync } from 'node:fs';
import { openRoot } from '../rootfs/open-root.ts';
import { openInRoot } from '../syscalls/files/path.ts';

/** The most that is read of /etc/passwd: a container may put any file there. */
const MAX_PASSWD_SIZE = 1024 * 1024;

/**
 * The environment a program gets, as in runc: the last value of a repeated name counts, and HOME
 * comes from `passwd` when it is absent or empty (`/` for an unknown user).
 * Throws for what is not NAME=value.
 */
export function userEnvironment(
  env: readonly string[],
  uid: number,
  passwd = '/etc/passwd',
): string[] {
  const last = new Map<string, string>();
  for (const variable of env) {
    const name = nameOf(variable);
    // Deleted first: a Map keeps the place of a key that it has, but the last place counts.
    last.delete(name);
    last.set(name, variable);
  }
  if (last.get('HOME') === 'HOME=') last.delete('HOME');
  if (!last.has('HOME')) last.set('HOME', `HOME=${homeOf(uid, passwd)}`);
  return [...last.values()];
}

function nameOf(variable: string): string {
  const end = variable.indexOf('=');
  if (end === -1) throw new Error("invalid environment variable: missing '='");
  if (end === 0) throw new Error('invalid environment variable: name cannot be empty');
  const name = variable.slice(0, end);
  if (variable.includes('\0')) {
    throw new Error(
      `invalid environment variable ${JSON.stringify(name)}: contains nul byte (\\x00)`,
    );
  }
  return name;
}

/** passwd(5): the sixth field of the first line whose third is `uid`. */
function homeOf(uid: number, passwd: string): string {
  for (const line of readText(passwd).split('\n')) {
    const fields = line.trim().split(':');
    // A variable cannot contain a NUL.
    const found = fields.length >= 3 && fields[2] === String(uid) && !line.includes('\0');
    if (found) return fields[5] ?? '';
  }
  return '/';
}

function readText(path: string): string {
  const root = openRoot();
  let fd: number | undefined;
  try {
    // O_NONBLOCK, as it may be a FIFO; openInRoot, as a magic link could lead to fds of the host.
    fd = openInRoot(root, path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    if (!fstatSync(fd).isFile()) return '';
    const bytes = Buffer.alloc(Math.min(fstatSync(fd).size, MAX_PASSWD_SIZE));
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
  } catch {
    // As in runc: a container without users has no home directories.
    return '';
  } finally {
    if (fd !== undefined) closeSync(fd);
    closeSync(root);
  }
}
