import { MOUNT_ATTR__ATIME } from '../../syscalls/mount/mount-api.ts';
import {
  CLEARED_FLAGS,
  EXTENSION_OPTIONS,
  PROPAGATION_FLAGS,
  RECURSIVE_CLEARED_FLAGS,
  RECURSIVE_SET_FLAGS,
  SET_FLAGS,
} from '../names/mount-options.ts';

/** A mount's `options`, sorted by kind. */
export interface MountOptions {
  /** MS_ flags to set. */
  flags: number;
  /** MS_ flags to clear: `rw`, `exec`, … */
  clearedFlags: number;
  /** MS_ propagation flags, in the order given; each may have MS_REC. */
  propagation: number[];
  /** MOUNT_ATTR_ bits for the whole tree (`rro`, …); undefined when there are none. */
  recursive: { set: number; clear: number } | undefined;
  /** Copy the files that the tmpfs hides into it. */
  tmpcopyup: boolean;
  /** For a bind mount: if the source is a symlink, copy it to the destination, mount nothing. */
  copySymlink: boolean;
  /** For a bind mount: if the source is a symlink, mount the symlink itself. */
  sourceNofollow: boolean;
  /** For a bind mount: if the destination is a symlink, mount on the symlink itself. */
  destinationNofollow: boolean;
  idmap: 'idmap' | 'ridmap' | undefined;
  /** All other options, which are the file system's own: `size=64k`. */
  data: string[];
}

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
    // Callers split an empty list at its commas, which gives one empty option.
    if (option !== '' && !takeOption(parsed, option)) parsed.data.push(option);
  }
  return parsed;
}

/** The MS_ propagation flags for a name in `rootfsPropagation` or in mount options. */
export function propagationFlags(name: string): number | undefined {
  return own(PROPAGATION_FLAGS, name);
}

function takeOption(parsed: MountOptions, option: string): boolean {
  const [set, clear] = [own(SET_FLAGS, option), own(CLEARED_FLAGS, option)];
  const propagation = own(PROPAGATION_FLAGS, option);
  if (set !== undefined) {
    parsed.flags |= set;
    parsed.clearedFlags &= ~set;
  } else if (clear !== undefined) {
    parsed.flags &= ~clear;
    parsed.clearedFlags |= clear;
  } else if (propagation !== undefined) parsed.propagation.push(propagation);
  else if (isSwitch(option)) parsed[EXTENSION_OPTIONS[option]] = true;
  else if (option === 'idmap' || option === 'ridmap') parsed.idmap = option;
  else return takeRecursive(parsed, option);
  return true;
}

function takeRecursive(parsed: MountOptions, option: string): boolean {
  const [set, clear] = [own(RECURSIVE_SET_FLAGS, option), own(RECURSIVE_CLEARED_FLAGS, option)];
  const bit = set ?? clear;
  if (bit === undefined) return false;
  parsed.recursive ??= { set: 0, clear: 0 };
  const { recursive } = parsed;
  // mount_setattr(2): access times are one value of several bits; all are cleared to replace it.
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

const isSwitch = (option: string): option is keyof typeof EXTENSION_OPTIONS =>
  Object.hasOwn(EXTENSION_OPTIONS, option);

function own(table: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
