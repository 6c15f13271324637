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
} from '../../syscalls/mount/mount.ts';
import {
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NODIRATIME,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_RELATIME,
  MOUNT_ATTR_STRICTATIME,
} from '../../syscalls/mount/mount-api.ts';

/** Flags by the names of mount options, as in config.json and fstab. */
type Flags = Readonly<Record<string, number>>;

/** MS_ flags that are set. */
export const SET_FLAGS: Flags = {
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

/** MS_ flags that are cleared. */
export const CLEARED_FLAGS: Flags = {
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

/** MS_ propagation flags; `rootfsPropagation` has the same names. */
export const PROPAGATION_FLAGS: Flags = {
  private: MS_PRIVATE,
  rprivate: MS_PRIVATE | MS_REC,
  rshared: MS_SHARED | MS_REC,
  rslave: MS_SLAVE | MS_REC,
  runbindable: MS_UNBINDABLE | MS_REC,
  shared: MS_SHARED,
  slave: MS_SLAVE,
  unbindable: MS_UNBINDABLE,
};

/** MOUNT_ATTR_ bits that are set in the whole tree. */
export const RECURSIVE_SET_FLAGS: Flags = {
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

/** MOUNT_ATTR_ bits that are cleared in the whole tree. */
export const RECURSIVE_CLEARED_FLAGS: Flags = {
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

/** crun's options that only bind mounts have. */
export const BIND_OPTIONS = ['copy-symlink', 'src-nofollow', 'dest-nofollow'] as const;

/** The property of MountOptions that each option turns on. */
export const EXTENSION_OPTIONS = {
  tmpcopyup: 'tmpcopyup',
  'copy-symlink': 'copySymlink',
  'src-nofollow': 'sourceNofollow',
  'dest-nofollow': 'destinationNofollow',
} as const;

/** Every option that davit carries out, except idmap and ridmap; sorted, for `davit features`. */
export const MOUNT_OPTION_NAMES: readonly string[] = [
  ...Object.keys({
    ...SET_FLAGS,
    ...CLEARED_FLAGS,
    ...PROPAGATION_FLAGS,
    ...RECURSIVE_SET_FLAGS,
    ...RECURSIVE_CLEARED_FLAGS,
  }),
  ...Object.keys(EXTENSION_OPTIONS),
].sort();
