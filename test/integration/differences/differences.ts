import type { TestSpec } from '../../support/bundle.ts';

/** A configuration that davit and runc treat differently: a row of README.md. */
export interface Difference {
  name: string;
  spec: (spec: TestSpec) => void;
  /** The command; `run` if absent. */
  command?: 'create';
  why: string;
}

/** A configuration that may break its type. */
// biome-ignore lint/suspicious/noExplicitAny: any of them
type Loose = any;

const bind = { destination: '/etc/passwd', type: 'bind', source: '/etc/hostname' };

/** Configurations that davit refuses and runc accepts. */
export const refused: readonly Difference[] = [
  {
    name: 'no `ociVersion`, or one that is no version from 1.0.0 on, below 2',
    spec: (spec: Loose) => delete spec.ociVersion,
    why: 'what a later major version means is not known; every engine writes it',
  },
  {
    name: '`linux.uidMappings` without a user namespace',
    spec: ({ linux }) => {
      linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 1 }];
      linux.gidMappings = linux.uidMappings;
    },
    why: 'runc 1.1 and 1.5 leave them out: whoever wrote them believes that root of the container is not root of the host',
  },
  {
    name: 'a bind mount without a `source`',
    spec: ({ mounts }) => mounts.push({ destination: '/mnt', type: 'bind', options: ['bind'] }),
    why: 'runc takes it for a path in the bundle and mounts the bundle, config.json and all',
  },
  {
    name: '`null` in a list',
    spec: ({ mounts }: Loose) => mounts.push({ ...bind, options: ['bind', null] }),
    why: 'Go reads an empty string there, and writes none',
  },
  {
    name: 'a required field that Go reads as 0 or false: `linux.resources.devices[].allow`, `linux.devices[].major`, `linux.uidMappings[].hostID`, …',
    spec: ({ linux }: Loose) => {
      linux.resources.devices = [{ access: 'rwm' }];
    },
    why: 'runtime-spec requires it, and Go writes it; left out, it was forgotten',
  },
  {
    name: 'a number beyond what it counts: an errno of 17 bits',
    spec: ({ linux }) => {
      const syscalls = [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' as const, errnoRet: 65_537 }];
      linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls };
    },
    why: 'the kernel would see another one',
  },
  {
    name: 'an annotation whose key is empty',
    spec: (spec) => {
      spec.annotations = { '': 'x' };
    },
    why: 'config.md forbids it',
  },
  {
    name: 'a sysctl with nothing between two dots',
    spec: ({ linux }) => {
      linux.sysctl = { 'net.ipv4..ip_forward': '1' };
    },
    why: 'no sysctl has that name; runc makes it a path with `//`',
  },
  {
    name: 'a device whose path is relative',
    spec: ({ linux }) => {
      linux.devices = [{ type: 'c', path: 'null2', major: 1, minor: 3 }];
    },
    why: 'config-linux.md has a full path',
  },
  {
    name: 'two devices at one path that are not the same',
    spec: ({ linux }) => {
      const device = { type: 'c' as const, path: '/dev/null2', major: 1 };
      linux.devices = [
        { ...device, minor: 3 },
        { ...device, minor: 5 },
      ];
    },
    why: 'the second would not be there',
  },
  {
    name: 'a hook whose path is relative, also of a kind that is run late',
    spec: (spec) => {
      spec.hooks = { poststop: [{ path: 'true' }] };
    },
    why: 'config.md has an absolute path; runc finds out when the container is deleted',
  },
];

/** Configurations that davit accepts and runc refuses. */
export const taken: readonly Difference[] = [
  {
    name: 'a mount of type `bind` without the option `bind` or `rbind`',
    spec: ({ mounts }) => mounts.push(bind),
    why: 'it can mean nothing else; runc asks the kernel for a file system of that name',
  },
  {
    name: 'an effective capability that is not permitted, or one that the runtime itself lacks',
    spec: ({ process }) => {
      process.capabilities = { bounding: ['CAP_KILL'], effective: ['CAP_KILL'], permitted: [] };
    },
    why: 'config.md has a warning for what cannot be granted, and no failure',
  },
  {
    name: 'no `process`, by `create`',
    spec: (spec) => Reflect.deleteProperty(spec, 'process'),
    command: 'create',
    why: 'config.md requires it for `start`, which fails',
  },
  {
    name: 'a user namespace without any mapping',
    spec: ({ linux, mounts }) => {
      linux.namespaces.push({ type: 'user' });
      // Without subordinate ids, root has only one group in the namespace.
      const pts = mounts.find(({ destination }) => destination === '/dev/pts')!;
      pts.options = pts.options!.filter((option) => option !== 'gid=5');
    },
    why: 'crun takes it: the program’s user is the caller, the other ids are its first ranges of /etc/subuid and /etc/subgid. Without ranges root is the caller, for root that of the host. Mappings of one kind alone are a mistake',
  },
];

/** Configurations in which the container sees a difference. */
export const seen: readonly [what: string, davit: string, runc: string][] = [
  ['the source of a mount that has none, in mountinfo', '`none`, as with mount(8)', 'nothing'],
  [
    'masked directories',
    'a tmpfs of one page and one inode',
    'the same in 1.5, one without limits in 1.1',
  ],
  ['`fileMode` of a device with the set-user-ID bit', 'has the bit', 'does not'],
  ['the group of /dev/mqueue in a user namespace', 'the root of the container', 'nobody'],
];
