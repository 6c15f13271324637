import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, TestSpec } from '../../support/bundle.ts';
import { needsUser } from '../../support/host/user.ts';
import type { Mistake, Theme } from './mistake.ts';
import { NOBODY, rootless, rootlessWithRanges } from './rootless.ts';

const joining =
  (type: 'network' | 'ipc', path: (bundle: Bundle) => string) =>
  (spec: TestSpec, bundle: Bundle): void => {
    spec.linux.namespaces = spec.linux.namespaces.map((namespace) =>
      namespace.type === type ? { type, path: path(bundle) } : namespace,
    );
  };

const mapping =
  (...mappings: [containerID: number, hostID: number, size: number][]) =>
  (spec: TestSpec): void => {
    const ids = mappings.map(([containerID, hostID, size]) => ({ containerID, hostID, size }));
    spec.linux.namespaces.push({ type: 'user' });
    spec.linux.uidMappings = ids;
    spec.linux.gidMappings = ids;
  };

/** Bind-mounts the bundle's directory `data`. */
const binding =
  (...options: string[]) =>
  (spec: TestSpec): void => {
    rootless(spec);
    spec.mounts.push({ destination: '/mnt', type: 'bind', source: 'data', options });
  };

/**
 * Runs the bundle as the user nobody, who has no subordinate ids, in a mount namespace that `setup`
 * changes first.
 */
const asNobody =
  (setup = 'true') =>
  (bundle: Bundle) => {
    const script = `chown -R ${NOBODY}:${NOBODY} "$0" && ${setup} && exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups -- "$@"`;
    const { dir, binary, root, id } = bundle;
    return bundle.command(
      ...['unshare', '--mount', 'sh', '-c', script, dir],
      ...[binary, '--root', root, 'run', '--bundle', dir, id],
    );
  };

const WITHOUT_NEWUIDMAP =
  'mount -t tmpfs none /mnt && mkdir /mnt/upper /mnt/work && mknod /mnt/upper/newuidmap c 0 0 && ' +
  'mount -t overlay -o lowerdir=/usr/bin,upperdir=/mnt/upper,workdir=/mnt/work none /usr/bin && umount -l /mnt';

const mistakes: Mistake[] = [
  {
    name: 'the network namespace to join is of another kind',
    spec: joining('network', () => '/proc/self/ns/uts'),
    davit: { stage: 'validateConfig', field: 'linux.namespaces[1].path' },
  },
  {
    name: 'the network namespace to join is not there',
    spec: joining('network', () => '/run/netns/no-such'),
    davit: { stage: 'validateConfig', field: 'linux.namespaces[1].path' },
  },
  {
    name: 'the network namespace to join has gone: a plain file is left',
    spec: joining('network', ({ dir }) => join(dir, 'netns')),
    prepare: ({ dir }) => writeFileSync(join(dir, 'netns'), ''),
    davit: { stage: 'validateConfig', field: 'linux.namespaces[1].path' },
  },
  {
    name: 'an unknown namespace',
    spec: (spec) => {
      spec.linux.namespaces.push({ type: 'net' as never });
    },
    davit: { stage: 'validateConfig', field: 'linux.namespaces[5].type' },
  },
  {
    name: 'the same namespace twice',
    spec: (spec) => {
      spec.linux.namespaces.push({ type: 'pid' });
    },
    davit: { stage: 'validateConfig', field: 'linux.namespaces[5].type' },
  },
  {
    name: 'a user namespace without mappings of groups',
    spec: (spec) => {
      spec.linux.namespaces.push({ type: 'user' });
      spec.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 1000 }];
    },
    davit: { stage: 'validateConfig', field: 'linux.gidMappings' },
  },
  {
    name: 'mappings without a user namespace',
    spec: (spec) => {
      spec.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 1000 }];
    },
    davit: { stage: 'validateConfig', field: 'linux.uidMappings' },
  },
  {
    name: 'mappings that overlap',
    spec: mapping([0, 100_000, 1000], [500, 200_000, 1000]),
    davit: { stage: 'validateConfig', field: 'linux.uidMappings[1].containerID' },
  },
  {
    name: 'a user that is not mapped',
    spec: (spec) => {
      mapping([0, 100_000, 1000])(spec);
      spec.process.user = { uid: 1000, gid: 0 };
    },
    davit: { stage: 'validateConfig', field: 'process.user.uid' },
  },
  {
    name: 'the mapped root may not reach the rootfs',
    spec: mapping([0, 100_000, 65536]),
    prepare: ({ dir }) => chmodSync(dir, 0o700),
    davit: {
      stage: 'prepareRootfs',
      syscall: 'openat',
      errno: 'EACCES',
      hint: /the user that linux\.uidMappings/,
    },
  },
  {
    name: 'an ordinary user, without a user namespace',
    attempt: asNobody(),
    skip: needsUser,
    davit: { stage: 'validateConfig', field: 'linux.namespaces' },
  },
  {
    name: 'an ordinary user without an entry in /etc/subuid',
    spec: rootlessWithRanges,
    attempt: asNobody(),
    skip: needsUser,
    davit: { stage: 'mapIds', field: 'linux.uidMappings', hint: /root can give you/ },
  },
  {
    name: 'an ordinary user, and newuidmap is not installed',
    spec: rootlessWithRanges,
    attempt: asNobody(WITHOUT_NEWUIDMAP),
    skip: needsUser,
    davit: {
      stage: 'mapIds',
      field: 'linux.uidMappings',
      syscall: 'execve',
      errno: 'ENOENT',
      hint: /install it: package uidmap,/,
    },
  },
  {
    name: 'an ordinary user’s bind mount leaves out what is mounted below its source',
    spec: binding('bind'),
    skip: needsUser,
    attempt: asNobody('mkdir -p "$0/data/sub" && mount -t tmpfs none "$0/data/sub"'),
    davit: {
      stage: 'mounts',
      field: 'mounts[7]',
      syscall: 'open_tree',
      errno: 'EINVAL',
      hint: /rbind in place of bind/,
    },
  },
  {
    name: 'an ordinary user’s bind mount is to have another atime than the host has',
    spec: binding('rbind', 'rro', 'rrelatime'),
    skip: needsUser,
    attempt: asNobody('mkdir "$0/data" && mount -t tmpfs -o noatime none "$0/data"'),
    davit: {
      stage: 'mounts',
      field: 'mounts[7]',
      syscall: 'mount_setattr',
      errno: 'EPERM',
      hint: /keeps the host's flags/,
    },
  },
  {
    name: 'an ordinary user’s container is to have a device that the host lacks',
    spec: (spec) => {
      rootless(spec);
      spec.linux.devices = [{ path: '/dev/no-such', type: 'c', major: 10, minor: 200 }];
    },
    attempt: asNobody(),
    skip: needsUser,
    davit: {
      stage: 'devices',
      field: 'linux.devices[0]',
      syscall: 'openat',
      errno: 'ENOENT',
      hint: /can only bind a device of the host/,
    },
  },
  {
    name: 'an ordinary user asks for a lower OOM score',
    spec: (spec) => {
      rootless(spec);
      spec.process.oomScoreAdj = -500;
    },
    attempt: asNobody(),
    skip: needsUser,
    davit: {
      stage: 'setOomScore',
      field: 'process.oomScoreAdj',
      syscall: 'write',
      errno: 'EACCES',
      hint: /only the host.s root/,
    },
  },
  {
    name: 'an ordinary user raises a hard limit',
    spec: (spec) => {
      rootless(spec);
      spec.process.rlimits = [{ type: 'RLIMIT_MEMLOCK', soft: 2 ** 40, hard: 2 ** 40 }];
    },
    attempt: asNobody('prlimit --pid $$ --memlock=65536:65536'),
    skip: needsUser,
    davit: {
      stage: 'setProcessLimits',
      field: 'process.rlimits[0]',
      syscall: 'prlimit',
      errno: 'EPERM',
      hint: /above davit.s own hard/,
    },
  },
  {
    name: 'an ordinary user sets a limit without a cgroup',
    spec: (spec) => {
      rootless(spec);
      spec.linux.resources = { memory: { limit: 2 ** 26 } };
    },
    attempt: asNobody(),
    skip: needsUser,
    davit: {
      stage: 'limitResources',
      field: 'linux.resources.memory.limit',
      hint: /its controller is not/,
    },
  },
  {
    name: 'a hostname, but no uts namespace',
    spec: (spec) => {
      spec.linux.namespaces = spec.linux.namespaces.filter(({ type }) => type !== 'uts');
    },
    davit: { stage: 'validateConfig', field: 'hostname' },
  },
  {
    name: 'a hostname that is too long',
    spec: (spec) => {
      spec.hostname = 'a'.repeat(65);
    },
    davit: { stage: 'validateConfig', field: 'hostname' },
  },
  {
    name: 'a sysctl of the whole machine',
    spec: (spec) => {
      spec.linux.sysctl = { 'vm.swappiness': '10' };
    },
    davit: { stage: 'validateConfig', field: 'linux.sysctl["vm.swappiness"]' },
  },
  {
    name: 'a sysctl of a namespace that the container shares',
    spec: (spec) => {
      spec.linux.namespaces = spec.linux.namespaces.filter(({ type }) => type !== 'network');
      spec.linux.sysctl = { 'net.ipv4.ip_forward': '1' };
    },
    davit: { stage: 'validateConfig', field: 'linux.sysctl["net.ipv4.ip_forward"]' },
  },
  {
    name: 'a sysctl that the kernel does not have',
    spec: (spec) => {
      spec.linux.sysctl = { 'net.ipv4.ip_forwarding': '1' };
    },
    davit: {
      stage: 'sysctl',
      field: 'linux.sysctl["net.ipv4.ip_forwarding"]',
      syscall: 'openat2',
      errno: 'ENOENT',
      hint: /the kernel has no/,
    },
  },
  {
    name: 'a value that a sysctl does not take',
    spec: (spec) => {
      spec.linux.sysctl = { 'net.ipv4.ip_forward': 'on' };
    },
    davit: {
      stage: 'sysctl',
      field: 'linux.sysctl["net.ipv4.ip_forward"]',
      syscall: 'write',
      errno: 'EINVAL',
      hint: /the kernel does not/,
    },
  },
  {
    name: 'a network device that the host does not have',
    spec: (spec) => {
      spec.linux.netDevices = { eth77: {} };
    },
    davit: {
      stage: 'moveNetDevices',
      field: 'linux.netDevices["eth77"]',
      syscall: 'netlink',
      errno: 'ENODEV',
      hint: /ip link lists its devices/,
    },
  },
  {
    name: 'time offsets, but no time namespace',
    spec: (spec) => {
      spec.linux.timeOffsets = { monotonic: { secs: 60, nanosecs: 0 } };
    },
    davit: { stage: 'validateConfig', field: 'linux.timeOffsets' },
  },
];

export const namespaces: Theme = { name: 'Namespaces and ids', mistakes };
