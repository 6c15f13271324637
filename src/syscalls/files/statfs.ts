import { statfsSync } from 'node:fs';
import { declare } from '../ffi/libc.ts';
import {
  MS_MANDLOCK,
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_RDONLY,
  MS_RELATIME,
  MS_STRICTATIME,
  MS_SYNCHRONOUS,
} from '../mount/mount.ts';

// linux/magic.h
export const PROC_SUPER_MAGIC = 0x9fa0;
export const DEVPTS_SUPER_MAGIC = 0x1cd1;
export const RDTGROUP_SUPER_MAGIC = 0x7655821;
export const TMPFS_MAGIC = 0x01021994;
export const CGROUP_SUPER_MAGIC = 0x27e0eb;
export const CGROUP2_SUPER_MAGIC = 0x63677270;
export const NSFS_MAGIC = 0x6e736673;

/** The fields of statfs(2) that davit uses. */
interface Statfs {
  /** f_type: a number of linux/magic.h. */
  type: number;
  /** f_flags: ST_ bits of linux/statfs.h. */
  flags: number;
}

const nativeFstatfs = declare<[number, Uint8Array]>('int fstatfs(int fd, _Out_ void *buf)');
const nativeStatfs = declare<[string, Uint8Array]>(
  'int statfs(const char *path, _Out_ void *buf)',
  { describe: (path) => `statfs ${path}` },
);

/** fstatfs(2); the fd may be O_PATH. */
export function fstatfs(fd: number): Statfs {
  return read((buffer) => nativeFstatfs(fd, buffer));
}

/** statfs(2). */
export function statfs(path: string): Statfs {
  return read((buffer) => nativeStatfs(path, buffer));
}

/** The file system's type at `path`, a number of linux/magic.h; undefined when statfs fails. */
export function fileSystemType(path: string): number | undefined {
  try {
    return statfsSync(path).type;
  } catch {
    return undefined;
  }
}

/** struct statfs of asm-generic/statfs.h on 64-bit: 120 bytes, f_type at 0, f_flags at 80. */
const buffer = Buffer.alloc(120);

function read(call: (buffer: Uint8Array) => void): Statfs {
  call(buffer);
  return { type: buffer.readUInt32LE(0), flags: buffer.readUInt32LE(80) };
}

// For each ST_ bit of linux/statfs.h the MS_ flag that sets it.
const ST_TO_MS: readonly [st: number, ms: number][] = [
  [0x1, MS_RDONLY],
  [0x2, MS_NOSUID],
  [0x4, MS_NODEV],
  [0x8, MS_NOEXEC],
  [0x10, MS_SYNCHRONOUS],
  [0x40, MS_MANDLOCK],
  [0x400, MS_NOATIME],
  [0x800, MS_NODIRATIME],
  [0x1000, MS_RELATIME],
  [0x2000, MS_NOSYMFOLLOW],
];

/** A mount's flags as mount(2) takes them. Neither noatime nor relatime means MS_STRICTATIME. */
export function mountFlagsOf(statfs: Statfs): number {
  let flags = 0;
  for (const [st, ms] of ST_TO_MS) if (statfs.flags & st) flags |= ms;
  return flags & (MS_NOATIME | MS_RELATIME) ? flags : flags | MS_STRICTATIME;
}
