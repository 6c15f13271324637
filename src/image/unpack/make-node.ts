import {
  chmodSync,
  closeSync,
  constants,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { makedev, mknodat, S_IFBLK, S_IFCHR, S_IFIFO } from '../../syscalls/files/file.ts';
import { setXattr } from '../../syscalls/files/xattr.ts';
import type { TarEntry } from '../tar/read-tar.ts';
import { insidePath, makeRoom, openPlace, type Place } from './place.ts';
import { omit, type UnpackContext } from './unpack-context.ts';

/**
 * Makes the file, directory, link or device that `entry` describes, with all that belongs to it.
 */
export async function makeNode(
  context: UnpackContext,
  path: string,
  entry: TarEntry,
): Promise<void> {
  const isRoot = path === '' || path === '.';
  if (isRoot) return setAttributes(context, `/proc/self/fd/${context.root}/.`, entry);
  using place = openPlace(context.root, path, { make: true });
  const isKept = makeRoom(place, { keepDirectory: entry.type === 'directory' });
  if (entry.type === 'hardlink') return makeHardLink(context, place, entry);
  const made = isKept || (await make(context, place, entry));
  if (made) setAttributes(context, place.path, entry);
}

/** False where it was left out. */
async function make(context: UnpackContext, place: Place, entry: TarEntry): Promise<boolean> {
  switch (entry.type) {
    case 'directory':
      mkdirSync(place.path, 0o700);
      return true;
    case 'symlink':
      symlinkSync(entry.linkName, place.path);
      return true;
    case 'file':
      await writeContent(context, place, entry);
      return true;
    default:
      return makeSpecial(context, place, entry);
  }
}

async function writeContent(context: UnpackContext, { path }: Place, entry: TarEntry) {
  using fds = new DisposableStack();
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const flags = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY;
  const fd = fds.adopt(openSync(path, flags, 0o600), closeSync);
  for await (const part of entry.content()) {
    context.left -= part.length;
    if (context.left < 0) {
      throw new RuntimeError(
        `${entry.name}: the image is larger than --max-size allows`,
        'an archive of a few KiB can hold any amount of data: raise --max-size if you trust it',
      );
    }
    for (let rest: Buffer = part; rest.length > 0; ) rest = rest.subarray(writeSync(fd, rest));
  }
}

/** The target is a path in the root file system, as the entry's own name is. */
function makeHardLink(context: UnpackContext, place: Place, { linkName }: TarEntry): void {
  using target = openPlace(context.root, insidePath(linkName), { make: false });
  linkSync(target.path, place.path);
}

function makeSpecial(context: UnpackContext, place: Place, entry: TarEntry): boolean {
  const { type, major, minor } = entry;
  const kind = type === 'fifo' ? S_IFIFO : type === 'block device' ? S_IFBLK : S_IFCHR;
  try {
    mknodat(place.directory, place.name, kind | 0o600, makedev(major, minor));
    return true;
  } catch (error) {
    // A device needs a capability over the host.
    if (type === 'fifo' || !hasErrno(error, 'EPERM')) throw error;
    omit(context, 'device nodes, which only the host’s root may make');
    return false;
  }
}

/** The owner comes first: changing it removes set-user-ID and file capabilities. */
function setAttributes(context: UnpackContext, path: string, entry: TarEntry): void {
  const { uid, gid, mode, mtime, type } = entry;
  if (context.mayChown) setOwner(path, entry);
  else if (uid !== 0 || gid !== 0) omit(context, 'owners other than root, which became root');
  // An ordinary user could not add files to a directory that it may not write to.
  const needed = type === 'directory' && !context.mayChown ? 0o700 : 0;
  if (type !== 'symlink') chmodSync(path, (mode & 0o7777) | needed);
  for (const [name, value] of entry.xattrs) setAttribute(context, path, name, value);
  lutimesSync(path, mtime, mtime);
}

function setOwner(path: string, { name, uid, gid }: TarEntry): void {
  try {
    lchownSync(path, uid, gid);
  } catch (error) {
    if (!hasErrno(error, 'EINVAL')) throw error;
    throw new RuntimeError(
      `${name} belongs to ${uid}:${gid}, which this user namespace does not map`,
      'give the user more ids in /etc/subuid and /etc/subgid',
    );
  }
}

function setAttribute(context: UnpackContext, path: string, name: string, value: Buffer): void {
  try {
    setXattr(path, name, value);
  } catch (error) {
    if (!hasErrno(error, 'EOPNOTSUPP', 'ENOTSUP', 'EPERM')) throw error;
    const because = hasErrno(error, 'EPERM') ? 'this user may not set' : 'the file system lacks';
    omit(context, `attributes ${name}, which ${because}`);
  }
}
