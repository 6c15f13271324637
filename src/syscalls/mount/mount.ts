import { declare, flagNames } from '../ffi/libc.ts';

// linux/mount.h
export const MS_RDONLY = 1;
export const MS_NOSUID = 2;
export const MS_NODEV = 4;
export const MS_NOEXEC = 8;
export const MS_SYNCHRONOUS = 16;
export const MS_REMOUNT = 32;
export const MS_MANDLOCK = 64;
export const MS_DIRSYNC = 128;
export const MS_NOSYMFOLLOW = 256;
export const MS_NOATIME = 1024;
export const MS_NODIRATIME = 2048;
export const MS_BIND = 4096;
export const MS_MOVE = 8192;
export const MS_REC = 16384;
export const MS_SILENT = 32768;
export const MS_UNBINDABLE = 1 << 17;
export const MS_PRIVATE = 1 << 18;
export const MS_SLAVE = 1 << 19;
export const MS_SHARED = 1 << 20;
export const MS_RELATIME = 1 << 21;
export const MS_I_VERSION = 1 << 23;
export const MS_STRICTATIME = 1 << 24;
export const MS_LAZYTIME = 1 << 25;

// linux/fs.h
export const MNT_DETACH = 2;

const NAMES = {
  MS_RDONLY,
  MS_NOSUID,
  MS_NODEV,
  MS_NOEXEC,
  MS_SYNCHRONOUS,
  MS_REMOUNT,
  MS_MANDLOCK,
  MS_DIRSYNC,
  MS_NOSYMFOLLOW,
  MS_NOATIME,
  MS_NODIRATIME,
  MS_BIND,
  MS_MOVE,
  MS_REC,
  MS_SILENT,
  MS_UNBINDABLE,
  MS_PRIVATE,
  MS_SLAVE,
  MS_SHARED,
  MS_RELATIME,
  MS_I_VERSION,
  MS_STRICTATIME,
  MS_LAZYTIME,
};

/** The names of mount(2)'s flags: `MS_NOSUID|MS_NOEXEC`; empty for 0. */
export function mountFlagNames(flags: number): string {
  return flags === 0 ? '' : flagNames(NAMES, flags);
}

/** A mount in words: `mount proc on /proc (MS_NOSUID|MS_NOEXEC)`. */
function describeMount(what: string, target: string, flags: number): string {
  const names = mountFlagNames(flags);
  return `mount ${what} on ${target}${names && ` (${names})`}`;
}

type MountCall = [
  source: string | null,
  target: string,
  filesystemtype: string | null,
  mountflags: number,
  data: string | null,
];

/** mount(2). */
export const mount = declare<MountCall>(
  'int mount(const char *source, const char *target, const char *filesystemtype, unsigned long mountflags, const char *data)',
  {
    describe: (source, target, type, flags) =>
      describeMount(type || source || 'nothing', target, flags),
  },
);

/** umount2(2). */
export const umount2 = declare<[target: string, flags: number]>(
  'int umount2(const char *target, int flags)',
  { describe: (target) => `unmount ${target}` },
);
