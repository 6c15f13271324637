import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, TestSpec } from '../../support/bundle.ts';
import type { Explanation, Mistake, Theme } from './mistake.ts';

type Mount = TestSpec['mounts'][number];

const adding =
  (...mounts: Mount[]) =>
  (spec: TestSpec): void => {
    spec.mounts.push(...mounts);
  };

/** A mount of /etc on `destination`. */
const bind = (destination: string, source = '/etc', ...options: string[]): Mount => ({
  ...{ destination, type: 'bind', source, options: ['bind', ...options] },
});

const tmpfs = (destination: string, ...options: string[]): Mount => ({
  ...{ destination, type: 'tmpfs', source: 'tmpfs', options },
});

const inUserNamespace = (spec: TestSpec): void => {
  spec.linux.namespaces.push({ type: 'user' });
  spec.linux.uidMappings = [{ containerID: 0, hostID: 0, size: 1000 }];
  spec.linux.gidMappings = [{ containerID: 0, hostID: 0, size: 1000 }];
};

const withoutNamespace = (spec: TestSpec, absent: string): void => {
  spec.linux.namespaces = spec.linux.namespaces.filter(({ type }) => type !== absent);
};

/** Runs the bundle where parts of /proc are covered, as in a container. */
const whereProcIsMasked = (bundle: Bundle) =>
  bundle.command(
    'unshare',
    ...['--mount', 'sh', '-c', 'mount -t tmpfs none /proc/sys && exec "$0" "$@"'],
    ...[bundle.binary, '--root', bundle.root, 'run', '--bundle', bundle.dir, bundle.id],
  );

/** The expected text of an error in mounts[`index`]. */
const mount = (index: number, syscall: string, errno: string, hint?: RegExp): Explanation => ({
  ...{ stage: 'mounts', field: `mounts[${index}]`, syscall, errno },
  ...(hint && { hint }),
});

const mistakes: Mistake[] = [
  {
    name: 'the source of a bind mount is not there',
    spec: adding(bind('/mnt', '/srv/dat')),
    davit: mount(7, 'open_tree', 'ENOENT', /the source is a/),
  },
  {
    name: 'the source of a bind mount is relative, and not in the bundle',
    spec: adding(bind('/mnt', 'data')),
    davit: mount(7, 'open_tree', 'ENOENT', /the source is a/),
  },
  {
    name: 'a bind mount without a source',
    spec: adding({ destination: '/mnt', type: 'bind', options: ['bind'] }),
    davit: { stage: 'validateConfig', field: 'mounts[7].source' },
  },
  {
    name: 'a directory is bound on a file',
    spec: adding(bind('/etc/passwd')),
    davit: mount(7, 'move_mount', 'ENOTDIR', /source and destination must/),
  },
  {
    name: 'a file is bound on a directory',
    spec: adding(bind('/tmp', '/etc/passwd')),
    davit: mount(7, 'move_mount', 'ENOTDIR', /source and destination must/),
  },
  {
    name: 'a tmpfs goes on a file',
    spec: adding(tmpfs('/etc/passwd')),
    davit: mount(7, 'move_mount', 'ENOTDIR', /source and destination must/),
  },
  {
    name: 'a mount point below a file',
    spec: adding(tmpfs('/etc/passwd/sub')),
    davit: mount(7, 'openat2', 'ENOTDIR', /a part of the/),
  },
  {
    name: 'the destination is a loop of symlinks',
    spec: adding(tmpfs('/loop/data')),
    prepare: ({ rootfs }) => symlinkSync('loop', join(rootfs, 'loop')),
    davit: mount(7, 'openat2', 'ELOOP', /form a loop in the rootfs/),
  },
  {
    name: 'a mount point has to be made where all is read-only',
    spec: (spec, { rootfs }) =>
      spec.mounts.push(bind('/mnt', join(rootfs, 'tmp'), 'ro'), tmpfs('/mnt/no-such-directory')),
    davit: mount(8, 'mkdirat', 'EROFS', /make the mount point/),
  },
  {
    name: 'a mount on the root itself',
    spec: adding(tmpfs('/')),
    davit: { stage: 'mounts', field: 'mounts[7]' },
  },
  {
    name: 'a mount that would cover part of /proc',
    spec: adding(tmpfs('/proc/sys')),
    davit: { stage: 'mounts', field: 'mounts[7]' },
  },
  {
    name: 'a file system that the kernel does not know',
    spec: adding({ destination: '/mnt', type: 'ntfs5', source: 'none' }),
    davit: mount(7, 'fsopen', 'ENODEV', /\/proc\/filesystems lists the supported types/),
  },
  {
    name: 'a mount without a type',
    spec: adding({ destination: '/mnt', source: '/etc' }),
    davit: mount(7, 'fsopen', 'ENODEV', /\/proc\/filesystems lists the supported types/),
  },
  {
    name: 'a misspelt option of tmpfs',
    spec: adding(tmpfs('/mnt', 'nosuid', 'sice=64k')),
    davit: mount(7, 'fsconfig', 'EINVAL'),
  },
  {
    name: 'a size that is none',
    spec: adding(tmpfs('/mnt', 'size=plenty')),
    davit: mount(7, 'fsconfig', 'EINVAL'),
  },
  {
    name: 'an option of a file system on a bind mount',
    spec: adding(bind('/mnt', '/etc', 'size=64k')),
    davit: { stage: 'validateConfig', field: 'mounts[7].options[1]' },
  },
  {
    name: 'overlay without its lower directory',
    spec: adding({
      ...{ destination: '/mnt', type: 'overlay', source: 'overlay' },
      options: ['lowerdir=/no/such/lower'],
    }),
    davit: mount(7, 'fsconfig', 'ENOENT', /lowerdir, upperdir and workdir/),
  },
  {
    name: 'overlay whose work directory is on another file system than its upper one',
    spec: (spec, { dir }) => {
      spec.mounts.push(tmpfs('/tmp'), {
        ...{ destination: '/mnt', type: 'overlay', source: 'overlay' },
        options: ['lowerdir=/etc', `upperdir=${dir}/upper`, 'workdir=/dev/shm'],
      });
    },
    prepare: ({ dir }) => {
      mkdirSync(join(dir, 'upper'));
    },
    davit: mount(8, 'fsconfig', 'EINVAL', /lowerdir, upperdir and workdir/),
  },
  {
    name: 'a disk that is not there',
    spec: adding({ destination: '/mnt', type: 'ext4', source: '/dev/no-such-disk' }),
    davit: mount(7, 'fsconfig', 'ENOENT'),
  },
  {
    name: 'a mount that takes privileges over the host, in a user namespace',
    spec: (spec) => {
      inUserNamespace(spec);
      spec.mounts.push({ destination: '/mnt', type: 'debugfs', source: 'debugfs' });
    },
    davit: mount(7, 'fsconfig', 'EPERM', /only the host.s root/),
  },
  {
    name: 'proc in a user namespace, without a pid namespace',
    spec: (spec) => {
      inUserNamespace(spec);
      withoutNamespace(spec, 'pid');
    },
    davit: mount(0, 'fsconfig', 'EPERM', /in a user namespace,/),
  },
  {
    name: 'proc in a user namespace, where the machine’s own /proc is partly covered',
    spec: inUserNamespace,
    attempt: whereProcIsMasked,
    davit: mount(0, 'fsmount', 'EPERM', /part of the host's/),
  },
  {
    name: 'an idmapped mount without mappings',
    spec: adding(bind('/mnt', '/etc', 'idmap')),
    davit: { stage: 'validateConfig', field: 'mounts[7].options' },
  },
  {
    name: 'an idmapped mount of a file system that cannot',
    spec: (spec) => {
      const ids = [{ containerID: 0, hostID: 1000, size: 10 }];
      spec.mounts.push({ ...bind('/mnt', '/proc'), uidMappings: ids, gidMappings: ids });
    },
    davit: mount(7, 'mount_setattr', 'EINVAL', /the file system of/),
  },
  {
    name: 'an unknown propagation of the rootfs',
    spec: (spec) => {
      spec.linux.rootfsPropagation = 'sharde' as never;
    },
    davit: { stage: 'validateConfig', field: 'linux.rootfsPropagation' },
  },
];

export const mounts: Theme = { name: 'Mounts', mistakes };
