import { LANDLOCK_ACCESS_FS, type LandlockAccessFS } from '../config/names/landlock-access.ts';

/** How many of the rights, in the order of their bits, each ABI knows: landlock(7). */
const KNOWN = [0, 13, 14, 15, 15, 16];
const FILE_RIGHTS: readonly LandlockAccessFS[] = [
  'execute',
  'write_file',
  'read_file',
  'truncate',
  'ioctl_dev',
];

/** The LANDLOCK_ACCESS_FS_ bits of `names`. */
export const accessBits = (names: readonly LandlockAccessFS[]): number =>
  names.reduce((bits, name) => bits | (1 << LANDLOCK_ACCESS_FS.indexOf(name)), 0);

/** Those that mean something for what is no directory; the kernel refuses the others (EINVAL). */
export const FILE_BITS = accessBits(FILE_RIGHTS);

/** The rights that a kernel of this ABI knows. */
export const rightsOfAbi = (abi: number): readonly LandlockAccessFS[] =>
  LANDLOCK_ACCESS_FS.slice(0, KNOWN[Math.min(abi, KNOWN.length - 1)]);
