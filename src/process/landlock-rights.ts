import {
  LANDLOCK_ACCESS_FS,
  LANDLOCK_ACCESS_NET,
  LANDLOCK_SCOPES,
  type LandlockAccessFS,
} from '../config/names/landlock-access.ts';

/** Rights in the order of their bits, and how many of them each ABI knows: landlock(7). */
const RIGHTS = {
  fs: { names: LANDLOCK_ACCESS_FS as readonly string[], known: [0, 13, 14, 15, 15, 16] },
  net: { names: LANDLOCK_ACCESS_NET as readonly string[], known: [0, 0, 0, 0, 2] },
  scope: { names: LANDLOCK_SCOPES as readonly string[], known: [0, 0, 0, 0, 0, 0, 2] },
} as const;

export type LandlockKind = keyof typeof RIGHTS;

/** The LANDLOCK_ACCESS_FS_, LANDLOCK_ACCESS_NET_ or LANDLOCK_SCOPE_ bits of `names`. */
export const rightBits = (kind: LandlockKind, names: readonly string[] = []): number =>
  names.reduce((bits, name) => bits | (1 << RIGHTS[kind].names.indexOf(name)), 0);

/** The bits that a kernel of this ABI knows. */
export function knownBits(kind: LandlockKind, abi: number): number {
  const { known } = RIGHTS[kind];
  return (1 << known[Math.min(abi, known.length - 1)]!) - 1;
}

/** The names of `bits`. */
export const rightNames = (kind: LandlockKind, bits: number): string[] =>
  RIGHTS[kind].names.filter((_, bit) => bits & (1 << bit));

const FILE_RIGHTS: readonly LandlockAccessFS[] = [
  'execute',
  'write_file',
  'read_file',
  'truncate',
  'ioctl_dev',
];

/**
 * The rights for files that are no directories; the kernel refuses any other for these (EINVAL).
 */
export const FILE_BITS = rightBits('fs', FILE_RIGHTS);
