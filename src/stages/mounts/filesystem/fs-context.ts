import { closeSync } from 'node:fs';
import { SyscallError } from '../../../errors/syscall-error.ts';
import {
  MS_DIRSYNC,
  MS_LAZYTIME,
  MS_MANDLOCK,
  MS_RDONLY,
  MS_SYNCHRONOUS,
} from '../../../syscalls/mount/mount.ts';
import {
  fsContextLog,
  fsconfigCreate,
  fsconfigSet,
  fsmount,
  fsopen,
} from '../../../syscalls/mount/mount-api.ts';
import { mountAttributes } from '../attributes.ts';

interface Filesystem {
  type: string;
  source: string;
  /** MS_ flags, of the mount and of the file system. */
  flags: number;
  data: FilesystemOption[];
}

/** `['size', '64k']`, `['newinstance', undefined]`. */
type FilesystemOption = [key: string, value: string | undefined];

// vfs_parse_sb_flag in fs/fs_context.c: the flags of mount(2) that belong to the file system.
const FILESYSTEM_FLAGS: readonly [ms: number, option: string][] = [
  [MS_RDONLY, 'ro'],
  [MS_SYNCHRONOUS, 'sync'],
  [MS_DIRSYNC, 'dirsync'],
  [MS_MANDLOCK, 'mand'],
  [MS_LAZYTIME, 'lazytime'],
];

/** Makes a detached mount by fsopen(2), fsconfig(2) and fsmount(2). */
export function createFilesystem(
  { type, source, flags, data }: Filesystem,
  open: (type: string) => number = fsopen,
): number {
  const fsFd = open(type);
  try {
    if (source) fsconfigSet(fsFd, 'source', source);
    for (const [ms, option] of FILESYSTEM_FLAGS) if (flags & ms) fsconfigSet(fsFd, option);
    for (const [key, value] of data) fsconfigSet(fsFd, key, value);
    fsconfigCreate(fsFd);
    return fsmount(fsFd, mountAttributes(flags));
  } catch (error) {
    throw withKernelLog(error, fsFd);
  } finally {
    closeSync(fsFd);
  }
}

/** Adds the kernel's message of the failure, which usually names the parameter. */
function withKernelLog(error: unknown, fsFd: number): unknown {
  const log = fsContextLog(fsFd);
  if (!(error instanceof SyscallError) || !log) return error;
  return new SyscallError({ ...error, reason: `${error.reason}: ${log}` });
}

/**
 * Splits mount(2)'s data at its commas, except between double quotes: SELinux contexts hold some.
 */
export function splitData(data: string): FilesystemOption[] {
  const options = data.match(/(?:"[^"]*"|[^,"])+/g) ?? [];
  return options.map((option) => {
    const equals = option.indexOf('=');
    if (equals < 0) return [option, undefined];
    return [option.slice(0, equals), option.slice(equals + 1).replace(/^"(.*)"$/, '$1')];
  });
}
