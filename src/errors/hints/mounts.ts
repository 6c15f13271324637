import type { Hint } from './hint.ts';

export const mountHints: readonly Hint[] = [
  {
    field: 'mounts',
    syscall: 'open_tree',
    code: 'ENOENT',
    hint: 'the source is a path on the host, relative to the bundle: make it first',
  },
  {
    field: 'mounts',
    code: 'ENOTDIR',
    says: /^mount /,
    hint: 'source and destination must both be directories, or both files',
  },
  {
    field: 'mounts',
    code: 'ENOTDIR',
    hint: 'a part of the destination is a file in the rootfs',
  },
  {
    field: 'mounts',
    code: 'ELOOP',
    hint: 'symlinks of the rootfs lead in a circle there',
  },
  {
    field: 'mounts',
    code: 'EROFS',
    hint: 'make the mount point beforehand, or mount what is read-only later',
  },
  {
    field: 'mounts',
    code: 'ENODEV',
    hint: '/proc/filesystems lists the types there are; a bind mount needs the option bind or rbind',
  },
  {
    field: 'mounts',
    says: /^mount overlay /,
    hint: 'lowerdir, upperdir and workdir must be there, the last two on one file system that is no overlay',
  },
  {
    field: 'mounts',
    code: 'EPERM',
    says: /too revealing/,
    hint: "part of the host's own is covered, as in a container: bind it in place of mounting a new one",
  },
  {
    field: 'mounts',
    code: 'EPERM',
    says: /^mount proc /,
    hint: 'in a user namespace, proc takes a pid namespace in linux.namespaces',
  },
  {
    field: 'mounts',
    code: 'EPERM',
    hint: 'only the root of the host may mount it, not that of a user namespace: bind what the host has mounted',
  },
  {
    field: 'mounts',
    says: /^map the ids /,
    code: 'EINVAL',
    hint: 'the file system of the source does not support idmapped mounts',
  },
  {
    stage: 'prepareRootfs',
    code: 'EACCES',
    hint: 'the user that linux.uidMappings makes root must be able to enter every directory above (chmod +x)',
  },
];
