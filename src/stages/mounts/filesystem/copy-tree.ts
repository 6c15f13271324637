import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  readSync,
  type Stats,
  writeSync,
} from 'node:fs';
import { closeFd } from '../../../syscalls/files/close-fd.ts';
import {
  fchown,
  mkdirat,
  mknodat,
  O_PATH,
  openat,
  readDirectory,
  readlinkat,
  symlinkat,
} from '../../../syscalls/files/file.ts';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/**
 * Copies all in the directory `from` into the empty `to`, with modes, owners, links and devices.
 */
export function copyTree(from: number, to: number): void {
  for (const name of readDirectory(from)) copyEntry(from, to, name);
}

function copyEntry(from: number, to: number, name: string): void {
  using fds = new DisposableStack();
  const entry = fds.adopt(openat(from, name, O_PATH | O_NOFOLLOW), closeFd);
  const stat = fstatSync(entry);
  if (stat.isDirectory()) copyDirectory(from, to, name, stat);
  else if (stat.isFile()) copyFile(from, to, name, stat);
  else if (stat.isSymbolicLink())
    copyNode(to, name, stat, () => symlinkat(readlinkat(entry, ''), to, name));
  else copyNode(to, name, stat, () => mknodat(to, name, stat.mode, BigInt(stat.rdev)));
}

function copyDirectory(from: number, to: number, name: string, stat: Stats): void {
  mkdirat(to, name, 0o700);
  const source = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  const copy = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    copyTree(source, copy);
    fchown(copy, stat.uid, stat.gid);
    fchmodSync(copy, stat.mode & 0o7777);
  } finally {
    closeSync(source);
    closeSync(copy);
  }
}

function copyFile(from: number, to: number, name: string, stat: Stats): void {
  // O_NONBLOCK, as a FIFO may have taken the file's place.
  const source = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  const copy = openat(to, name, O_WRONLY | O_CREAT | O_EXCL, 0o600);
  try {
    const buffer = Buffer.alloc(65536);
    for (let length = readSync(source, buffer); length > 0; length = readSync(source, buffer)) {
      for (let done = 0; done < length; ) done += writeSync(copy, buffer, done, length - done);
    }
    fchown(copy, stat.uid, stat.gid);
    fchmodSync(copy, stat.mode & 0o7777);
  } finally {
    closeSync(source);
    closeSync(copy);
  }
}

function copyNode(to: number, name: string, stat: Stats, make: () => void): void {
  make();
  using fds = new DisposableStack();
  const copy = fds.adopt(openat(to, name, O_PATH | O_NOFOLLOW), closeFd);
  fchown(copy, stat.uid, stat.gid);
}
