import {
  MS_BIND,
  MS_DIRSYNC,
  MS_I_VERSION,
  MS_LAZYTIME,
  MS_MANDLOCK,
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_RELATIME,
  MS_REMOUNT,
  MS_SHARED,
  MS_SILENT,
  MS_SLAVE,
  MS_STRICTATIME,
  MS_SYNCHRONOUS,
  MS_UNBINDABLE,
} from '../syscalls/mount.ts';
import {
  MOUNT_ATTR__ATIME,
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NODIRATIME,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_RELATIME,
  MOUNT_ATTR_STRICTATIME,
} from '../syscalls/mount-api.ts';

/** A mount's `options`, sorted by what does them. */
export interface MountOptions {
  /** MS_ flags asked for. */
  flags: number;
  /** MS_ flags asked not to be set: `rw`, `exec`, … */
  clearedFlags: number;
  /** MS_ propagation flags, in the order given; each may have MS_REC. */
  propagation: number[];
  /** MOUNT_ATTR_ bits for the whole tree (`rro`, …); undefined when none was given. */
  recursive: { set: number; clear: number } | undefined;
  /** Copy what the tmpfs hides into it. */
  tmpcopyup: boolean;
  /** Of a bind mount: a source that is a symlink is made at the destination in place of a mount. */
  copySymlink: boolean;
  /** Of a bind mount: a source that is a symlink is mounted itself. */
  sourceNofollow: boolean;
  /** Of a bind mount: it goes on a destination that is a symlink, not where that leads. */
  destinationNofollow: boolean;
  idmap: 'idmap' | 'ridmap' | undefined;
  /** Everything else is the file system's own: `size=64k`. */
  data: string[];
}

const SET: Readonly<Record<string, number>> = {
  bind: MS_BIND,
  defaults: 0,
  dirsync: MS_DIRSYNC,
  iversion: MS_I_VERSION,
  lazytime: MS_LAZYTIME,
  mand: MS_MANDLOCK,
  noatime: MS_NOATIME,
  nodev: MS_NODEV,
  nodiratime: MS_NODIRATIME,
  noexec: MS_NOEXEC,
  nosuid: MS_NOSUID,
  nosymfollow: MS_NOSYMFOLLOW,
  rbind: MS_BIND | MS_REC,
  relatime: MS_RELATIME,
  remount: MS_REMOUNT,
  ro: MS_RDONLY,
  silent: MS_SILENT,
  strictatime: MS_STRICTATIME,
  sync: MS_SYNCHRONOUS,
};

const CLEAR: Readonly<Record<string, number>> = {
  async: MS_SYNCHRONOUS,
  atime: MS_NOATIME,
  dev: MS_NODEV,
  diratime: MS_NODIRATIME,
  exec: MS_NOEXEC,
  loud: MS_SILENT,
  noiversion: MS_I_VERSION,
  nolazytime: MS_LAZYTIME,
  nomand: MS_MANDLOCK,
  norelatime: MS_RELATIME,
  nostrictatime: MS_STRICTATIME,
  rw: MS_RDONLY,
  suid: MS_NOSUID,
  symfollow: MS_NOSYMFOLLOW,
};

const PROPAGATION: Readonly<Record<string, number>> = {
  private: MS_PRIVATE,
  rprivate: MS_PRIVATE | MS_REC,
  rshared: MS_SHARED | MS_REC,
  rslave: MS_SLAVE | MS_REC,
  runbindable: MS_UNBINDABLE | MS_REC,
  shared: MS_SHARED,
  slave: MS_SLAVE,
  unbindable: MS_UNBINDABLE,
};

const SET_RECURSIVE: Readonly<Record<string, number>> = {
  rnoatime: MOUNT_ATTR_NOATIME,
  rnodev: MOUNT_ATTR_NODEV,
  rnodiratime: MOUNT_ATTR_NODIRATIME,
  rnoexec: MOUNT_ATTR_NOEXEC,
  rnosuid: MOUNT_ATTR_NOSUID,
  rnosymfollow: MOUNT_ATTR_NOSYMFOLLOW,
  rrelatime: MOUNT_ATTR_RELATIME,
  rro: MOUNT_ATTR_RDONLY,
  rstrictatime: MOUNT_ATTR_STRICTATIME,
};

const CLEAR_RECURSIVE: Readonly<Record<string, number>> = {
  ratime: MOUNT_ATTR_NOATIME,
  rdev: MOUNT_ATTR_NODEV,
  rdiratime: MOUNT_ATTR_NODIRATIME,
  rexec: MOUNT_ATTR_NOEXEC,
  rnorelatime: MOUNT_ATTR_RELATIME,
  rnostrictatime: MOUNT_ATTR_STRICTATIME,
  rrw: MOUNT_ATTR_RDONLY,
  rsuid: MOUNT_ATTR_NOSUID,
  rsymfollow: MOUNT_ATTR_NOSYMFOLLOW,
};

/** Options that only bind mounts have: crun's. */
export const BIND_OPTIONS = ['copy-symlink', 'src-nofollow', 'dest-nofollow'] as const;

const SWITCHES: Readonly<
  Record<string, 'tmpcopyup' | 'copySymlink' | 'sourceNofollow' | 'destinationNofollow'>
> = {
  tmpcopyup: 'tmpcopyup',
  'copy-symlink': 'copySymlink',
  'src-nofollow': 'sourceNofollow',
  'dest-nofollow': 'destinationNofollow',
};

/** Every option with a meaning of its own, sorted, for `davit features`; idmap and ridmap are apart. */
export const MOUNT_OPTION_NAMES: readonly string[] = [
  ...Object.keys({ ...SET, ...CLEAR, ...PROPAGATION, ...SET_RECURSIVE, ...CLEAR_RECURSIVE }),
  ...Object.keys(SWITCHES),
].sort();

/** Sorts `options` (config.md, Linux mount options); a later option wins over an earlier one. */
export function parseMountOptions(options: readonly string[] = []): MountOptions {
  const parsed: MountOptions = {
    flags: 0,
    clearedFlags: 0,
    propagation: [],
    recursive: undefined,
    tmpcopyup: false,
    copySymlink: false,
    sourceNofollow: false,
    destinationNofollow: false,
    idmap: undefined,
    data: [],
  };
  for (const option of options) {
    // What callers make of an empty list, split at its commas, is one empty option.
    if (option !== '' && !takeOption(parsed, option)) parsed.data.push(option);
  }
  return parsed;
}

/** MS_ propagation flags by their names in `rootfsPropagation` and in mount options. */
export function propagationFlags(name: string): number | undefined {
  return own(PROPAGATION, name);
}

function takeOption(parsed: MountOptions, option: string): boolean {
  const [set, clear] = [own(SET, option), own(CLEAR, option)];
  const propagation = own(PROPAGATION, option);
  if (set !== undefined) {
    parsed.flags |= set;
    parsed.clearedFlags &= ~set;
  } else if (clear !== undefined) {
    parsed.flags &= ~clear;
    parsed.clearedFlags |= clear;
  } else if (propagation !== undefined) parsed.propagation.push(propagation);
  else if (Object.hasOwn(SWITCHES, option)) parsed[SWITCHES[option]!] = true;
  else if (option === 'idmap' || option === 'ridmap') parsed.idmap = option;
  else return takeRecursive(parsed, option);
  return true;
}

function takeRecursive(parsed: MountOptions, option: string): boolean {
  const [set, clear] = [own(SET_RECURSIVE, option), own(CLEAR_RECURSIVE, option)];
  const bit = set ?? clear;
  if (bit === undefined) return false;
  parsed.recursive ??= { set: 0, clear: 0 };
  const { recursive } = parsed;
  // mount_setattr(2): access times are one value, which is replaced by clearing all of it.
  const field = (bit & MOUNT_ATTR__ATIME) === bit ? MOUNT_ATTR__ATIME : bit;
  if (set !== undefined) {
    recursive.set = (recursive.set & ~field) | bit;
    recursive.clear &= ~bit;
  } else {
    recursive.set &= ~bit;
    recursive.clear |= bit;
  }
  if (field === MOUNT_ATTR__ATIME) recursive.clear |= field;
  return true;
}

function own(table: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
