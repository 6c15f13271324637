/**
 * What Landlock restricts of files, in the order of their bits: `LANDLOCK_ACCESS_FS_` of
 * linux/landlock.h without the prefix, in lower case, as runtime-spec's proposal spells them.
 */
export const LANDLOCK_ACCESS_FS = [
  'execute',
  'write_file',
  'read_file',
  'read_dir',
  'remove_dir',
  'remove_file',
  'make_char',
  'make_dir',
  'make_reg',
  'make_sock',
  'make_fifo',
  'make_block',
  'make_sym',
  'refer',
  'truncate',
  'ioctl_dev',
] as const;

export type LandlockAccessFS = (typeof LANDLOCK_ACCESS_FS)[number];
