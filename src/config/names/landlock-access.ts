/**
 * Landlock's access rights for files, in the order of their bits: `LANDLOCK_ACCESS_FS_` of
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

/** Landlock's access rights for the network, `LANDLOCK_ACCESS_NET_`. */
export const LANDLOCK_ACCESS_NET = ['bind_tcp', 'connect_tcp'] as const;

export type LandlockAccessNet = (typeof LANDLOCK_ACCESS_NET)[number];

/** Landlock's scopes, `LANDLOCK_SCOPE_`: allowed only within the program and its descendants. */
export const LANDLOCK_SCOPES = ['abstract_unix_socket', 'signal'] as const;

export type LandlockScope = (typeof LANDLOCK_SCOPES)[number];
