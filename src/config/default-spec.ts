import { OCI_VERSION } from '../version.ts';
import { onlyCgroup2 } from './host/cgroups.ts';
import type { Mount, Namespace, Process, Spec } from './types.ts';

interface DefaultSpecOptions {
  /** For an ordinary user: with a user namespace and the host's network. */
  rootless?: boolean;
  /** When rootless, the host ids of root in the container. Default: the caller's. */
  uid?: number;
  gid?: number;
}

/**
 * The configuration that `davit spec` writes: the same as `runc spec`, except for the hostname.
 * With a cgroup namespace if the host has only cgroup v2.
 */
export function defaultSpec({ rootless = false, uid, gid }: DefaultSpecOptions = {}): Spec {
  const spec: Spec = {
    ociVersion: OCI_VERSION,
    process: defaultProcess(),
    root: { path: 'rootfs', readonly: true },
    hostname: 'davit',
    mounts: defaultMounts(),
    linux: {
      resources: { devices: [{ allow: false, access: 'rwm' }] },
      namespaces: defaultNamespaces(),
      maskedPaths: [
        '/proc/acpi',
        '/proc/asound',
        '/proc/kcore',
        '/proc/keys',
        '/proc/latency_stats',
        '/proc/timer_list',
        '/proc/timer_stats',
        '/proc/sched_debug',
        '/sys/firmware',
        '/proc/scsi',
      ],
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
  };
  if (!rootless) return spec;
  return makeRootless(spec, uid ?? process.geteuid!(), gid ?? process.getegid!());
}

function defaultProcess(): Process {
  const capabilities = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'];
  return {
    terminal: true,
    user: { uid: 0, gid: 0 },
    args: ['sh'],
    env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],
    cwd: '/',
    capabilities: {
      bounding: [...capabilities],
      effective: [...capabilities],
      permitted: [...capabilities],
    },
    rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
    noNewPrivileges: true,
  };
}

function defaultMounts(): Mount[] {
  const safe = ['nosuid', 'noexec', 'nodev'];
  return [
    { destination: '/proc', type: 'proc', source: 'proc' },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    {
      destination: '/dev/shm',
      type: 'tmpfs',
      source: 'shm',
      options: [...safe, 'mode=1777', 'size=65536k'],
    },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: [...safe] },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...safe, 'ro'] },
    {
      destination: '/sys/fs/cgroup',
      type: 'cgroup',
      source: 'cgroup',
      options: [...safe, 'relatime', 'ro'],
    },
  ];
}

function defaultNamespaces(): Namespace[] {
  const namespaces: Namespace[] = [
    { type: 'pid' },
    { type: 'network' },
    { type: 'ipc' },
    { type: 'uts' },
    { type: 'mount' },
  ];
  if (onlyCgroup2()) namespaces.push({ type: 'cgroup' });
  return namespaces;
}

function makeRootless(spec: Spec, uid: number, gid: number): Spec {
  const { resources: _, namespaces, ...linux } = spec.linux!;
  return {
    ...spec,
    // No resources and no uid= or gid= options: a user may have no delegated cgroup and no further
    // ids.
    mounts: spec.mounts!.map(makeMountRootless),
    linux: {
      uidMappings: [{ containerID: 0, hostID: uid, size: 1 }],
      gidMappings: [{ containerID: 0, hostID: gid, size: 1 }],
      namespaces: [...namespaces!.filter(({ type }) => type !== 'network'), { type: 'user' }],
      ...linux,
    },
  };
}

function makeMountRootless(mount: Mount): Mount {
  if (mount.destination === '/sys') {
    // Mounting a new sysfs needs a network namespace that belongs to the user namespace.
    const options = ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'];
    return { destination: '/sys', type: 'none', source: '/sys', options };
  }
  if (!mount.options) return mount;
  return { ...mount, options: mount.options.filter((option) => !/^[ug]id=/.test(option)) };
}
