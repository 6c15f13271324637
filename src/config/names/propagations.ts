/** `linux.rootfsPropagation`, and the mount options of the same names: mount_namespaces(7). */
export const PROPAGATIONS = [
  'private',
  'rprivate',
  'rshared',
  'rslave',
  'runbindable',
  'shared',
  'slave',
  'unbindable',
] as const;
export type Propagation = (typeof PROPAGATIONS)[number];
