import { closeSync, openSync, readSync } from 'node:fs';
import type { SeccompNotif } from '../../../src/syscalls/rights/seccomp-notify.ts';
import { nameOf } from './syscall-numbers.ts';

const CLONE_THREAD = 0x10000;

/** The index of the argument that is a path or a text. */
const TEXTS: Record<string, number> = {
  access: 0,
  chdir: 0,
  chmod: 0,
  execve: 0,
  execveat: 1,
  faccessat: 1,
  faccessat2: 1,
  fsconfig: 2,
  fsopen: 0,
  lstat: 0,
  memfd_create: 0,
  mkdir: 0,
  mkdirat: 1,
  mknodat: 1,
  mount: 1,
  move_mount: 3,
  newfstatat: 1,
  open: 0,
  open_tree: 1,
  openat: 1,
  openat2: 1,
  readlink: 0,
  readlinkat: 1,
  rename: 0,
  renameat2: 1,
  rmdir: 0,
  sethostname: 0,
  stat: 0,
  statfs: 0,
  statx: 1,
  symlinkat: 0,
  umount2: 0,
  unlink: 0,
  unlinkat: 1,
  write: 1,
};

/** Describes a call: its path or text, or otherwise its numbers. */
export function detailOf({ nr, pid, args }: SeccompNotif): string {
  const at = TEXTS[nameOf(nr)];
  if (at === undefined)
    return args
      .slice(0, 3)
      .map((n) => BigInt.asIntN(64, n))
      .join(' ');
  const length = nameOf(nr) === 'write' ? Math.min(Number(args[2]), 120) : 120;
  const bytes = readMemory(pid, args[at]!, length);
  const end = bytes.indexOf(0);
  return JSON.stringify(bytes.toString('utf8', 0, end < 0 ? bytes.length : end).slice(0, 80));
}

/** True if clone(2) or clone3(2) makes a thread and not a process. */
export function threadFlag({ nr, pid, args }: SeccompNotif): boolean {
  const name = nameOf(nr);
  if (name === 'clone') return (args[0]! & BigInt(CLONE_THREAD)) !== 0n;
  if (name !== 'clone3') return false;
  const flags = readMemory(pid, args[0]!, 8);
  return flags.length === 8 && (flags.readUInt32LE() & CLONE_THREAD) !== 0;
}

/** Reads fewer bytes where the mapped memory ends. */
function readMemory(pid: number, address: bigint, length: number): Buffer {
  try {
    const fd = openSync(`/proc/${pid}/mem`, 'r');
    try {
      const bytes = Buffer.alloc(length);
      // A file's position may not be beyond 2^53.
      return bytes.subarray(0, readSync(fd, bytes, 0, length, address));
    } finally {
      closeSync(fd);
    }
  } catch {
    return Buffer.alloc(0);
  }
}
