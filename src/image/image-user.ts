import { closeSync, constants, fstatSync, readSync } from 'node:fs';
import type { User } from '../config/types.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { openInRoot } from '../syscalls/files/path.ts';

/** The most that is read of /etc/passwd: an image may have any file there. */
const MAX_SIZE = 4 * 1024 * 1024;

/**
 * The ids for an image's `User`: `uid`, `name`, `uid:gid` or `name:group`. Names are looked up in
 * the image's passwd(5) and group(5). A user by name also has its supplementary groups.
 */
export function imageUser(root: number, given: string): User {
  const [name = '', group] = given.split(':');
  const entry = linesOf(root, 'etc/passwd').find(
    ([login, , uid]) => login === name || uid === name,
  );
  const uid = name === '' ? 0 : idOf(name, entry?.[2], given);
  const groups = linesOf(root, 'etc/group');
  const gid = group
    ? idOf(group, groups.find(([title]) => title === group)?.[2], given)
    : Number(entry?.[3] ?? 0);
  const additionalGids = group
    ? []
    : groups
        .filter(([, , , members = '']) => entry && members.split(',').includes(entry[0]!))
        .map(([, , id]) => Number(id))
        .filter((id) => Number.isInteger(id) && id !== gid);
  return { uid, gid, ...(additionalGids.length > 0 && { additionalGids }) };
}

function idOf(name: string, found: string | undefined, given: string): number {
  const id = /^\d+$/.test(name) ? name : found;
  if (id !== undefined && /^\d+$/.test(id)) return Number(id);
  throw new RuntimeError(
    `the image's User is ${JSON.stringify(given)}, and its /etc/passwd and /etc/group have no ${name}`,
  );
}

/** The fields of each line. */
function linesOf(root: number, path: string): string[][] {
  return readText(root, path)
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => line.split(':'));
}

function readText(root: number, path: string): string {
  using fds = new DisposableStack();
  try {
    // O_NONBLOCK, as it may be a FIFO.
    const fd = openInRoot(root, path, constants.O_RDONLY | constants.O_NONBLOCK);
    fds.adopt(fd, closeSync);
    const stat = fstatSync(fd);
    if (!stat.isFile()) return '';
    const bytes = Buffer.alloc(Math.min(stat.size, MAX_SIZE));
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
  } catch {
    return '';
  }
}
