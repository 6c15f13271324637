import { execFileSync } from 'node:child_process';
import {
  fstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Linux, Mount, Spec } from '../../../src/config/types.ts';
import type { WalkContext } from '../../../src/context/context.ts';
import type { InitContext } from '../../../src/context/init-context.ts';
import { createDevices } from '../../../src/stages/devices/devices.ts';
import { reopenDevNull } from '../../../src/stages/devices/reopen-dev-null.ts';
import { makeMounts } from '../../../src/stages/mounts/mounts.ts';
import { setDomainname } from '../../../src/stages/namespaces/domainname.ts';
import { setHostname } from '../../../src/stages/namespaces/hostname.ts';
import { setSysctls } from '../../../src/stages/namespaces/sysctl.ts';
import { maskPaths } from '../../../src/stages/rootfs/masked-paths.ts';
import { pivotRoot } from '../../../src/stages/rootfs/pivot-root.ts';
import { prepareRootfs } from '../../../src/stages/rootfs/prepare-rootfs.ts';
import { makePathsReadonly } from '../../../src/stages/rootfs/readonly-paths.ts';
import { makeRootfsReadonly } from '../../../src/stages/rootfs/readonly-rootfs.ts';
import {
  setRootfsPropagation,
  wantsRootfsPropagation,
} from '../../../src/stages/rootfs/rootfs-propagation.ts';
import { parseMountinfo } from '../../../src/syscalls/mount/mountinfo.ts';
import { initContext, inNamespace, STRANGER } from './in-namespace.ts';
import { becomeOldKernel } from './old-kernel.ts';

const BASE: Mount[] = [
  { destination: '/proc', type: 'proc', source: 'proc' },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'ro'] },
];

const attempt = (action: () => unknown): string => {
  try {
    action();
    return 'no error';
  } catch (error) {
    return (error as Error).message;
  }
};

interface Wanted {
  linux?: Linux;
  spec?: Partial<Spec>;
  options?: Partial<InitContext['options']>;
  /** Runs before the root is changed. */
  before?: (ctx: InitContext) => void;
}

/** Runs the stages from prepareRootfs to the new root. */
function enter(scratch: string, { linux, spec, options, before }: Wanted = {}): WalkContext {
  const mounts = [...BASE, ...(spec?.mounts ?? [])];
  const namespaces = linux?.namespaces ?? [{ type: 'mount' }];
  const ctx = initContext(scratch, { ...spec, mounts, linux: { ...linux, namespaces } });
  Object.assign(ctx.options, options);
  prepareRootfs(ctx);
  makeMounts(ctx);
  createDevices(ctx);
  before?.(ctx);
  pivotRoot(ctx);
  if (wantsRootfsPropagation(ctx)) setRootfsPropagation(ctx);
  return ctx;
}

const mountinfo = () => parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));

export function pivot(scratch: string): Record<string, unknown> {
  enter(scratch, {
    linux: {
      devices: [
        { path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o640, uid: 3, gid: 4 },
        { path: '/run/pipe', type: 'p' },
        { path: '/dev/null', type: 'u', major: 1, minor: 3, fileMode: 0o600 },
        { path: '/dev/ptmx', type: 'c', major: 5, minor: 2 },
      ],
    },
  });
  const node = (name: string): string => {
    const { mode, rdev, uid, gid } = statSync(name);
    return `${mode.toString(8)} ${rdev >> 8}:${rdev & 255} ${uid}:${gid}`;
  };
  const links = ['fd', 'stdin', 'stdout', 'stderr', 'ptmx'];
  return {
    root: readdirSync('/').sort(),
    cwd: [process.cwd(), readlinkSync('/proc/self/cwd')],
    mounts: mountinfo().map(({ mountpoint }) => mountpoint),
    devices: Object.fromEntries(
      ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'fuse'].map((name) => [
        name,
        node(`/dev/${name}`),
      ]),
    ),
    pipe: node('/run/pipe'),
    links: Object.fromEntries(links.map((name) => [name, readlinkSync(`/dev/${name}`)])),
  };
}

export function noPivot(scratch: string): Record<string, unknown> {
  const root = (): { root: string[]; proc: string[] } => ({
    root: readdirSync('/').sort(),
    proc: mountinfo()
      .filter(({ type }) => type === 'proc')
      .map(({ mountpoint }) => mountpoint),
  });
  enter(scratch, { options: { noPivot: true } });
  return root();
}

export function noPivotPrivate(scratch: string): string {
  const linux = { rootfsPropagation: 'rprivate' } as const;
  return attempt(() => enter(scratch, { linux, options: { noPivot: true } }));
}

/** Without a new mount namespace the container is in the caller's, here a scratch one. */
export function chrooted(scratch: string): Record<string, unknown> {
  const before = mountinfo().find(({ mountpoint }) => mountpoint === '/')!.optional;
  enter(scratch, { linux: { namespaces: [{ type: 'pid' }] } });
  const entry = mountinfo().find(({ mountpoint }) => mountpoint === '/proc');
  return { before, root: readdirSync('/').sort(), proc: entry?.type };
}

/** rootfsPropagation in a copy of a namespace in which everything is shared: the root's peers. */
export function propagation(scratch: string): Record<string, unknown> {
  execFileSync('mount', ['--make-rshared', '/']);
  const host = (): string[] => mountinfo().map(({ mountpoint }) => mountpoint);
  const before = host();
  const child = { scratch, unshare: ['--propagation', 'unchanged'] };
  const run = (name: string): string[] => inNamespace(import.meta.url, name, child);
  const none = run('rootOfNone');
  const rprivate = run('rootOfPrivate');
  const unbindable = run('rootOfUnbindable');
  return { none, rprivate, unbindable, leaked: host().filter((path) => !before.includes(path)) };
}

function rootOptional(scratch: string, linux: Linux): string[] {
  enter(scratch, { linux });
  return mountinfo().find(({ mountpoint }) => mountpoint === '/')!.optional;
}
export const rootOfNone = (scratch: string) => rootOptional(scratch, {});
export const rootOfPrivate = (scratch: string) =>
  rootOptional(scratch, { rootfsPropagation: 'rprivate' });
export const rootOfUnbindable = (scratch: string) =>
  rootOptional(scratch, { rootfsPropagation: 'runbindable' });
/** Makes nothing shared with other namespaces: the peers would otherwise be the host's. */
export const rootOfShared = (scratch: string) =>
  rootOptional(scratch, { rootfsPropagation: 'rshared' });

/** What the container can neither write nor read at the end. */
export function restricted(scratch: string): Record<string, unknown> {
  const rootfs = join(scratch, 'rootfs');
  for (const name of ['secret/a', 'secret2/b', 'ro/sub', 'etc']) {
    mkdirSync(join(rootfs, name), { recursive: true });
  }
  writeFileSync(join(rootfs, 'key'), 'secret');
  writeFileSync(join(rootfs, 'ro/sub/file'), '');
  symlinkSync('/../../../../key', join(rootfs, 'etc/link'));
  mkdirSync(join(scratch, 'volume'));
  const ctx = enter(scratch, {
    spec: {
      root: { path: 'rootfs', readonly: true },
      mounts: [
        { destination: '/volume', source: 'volume', options: ['bind'] },
        { destination: '/ro/sub', type: 'tmpfs', source: 'tmpfs', options: ['nosuid'] },
      ],
    },
    linux: {
      maskedPaths: ['/etc/link', '/secret', '/secret2', '/secret/.', '/not/there', '/proc/keys'],
      readonlyPaths: ['/proc/sys', '/ro', '/not/there'],
    },
  });
  makeRootfsReadonly(ctx);
  makePathsReadonly(ctx);
  maskPaths(ctx);
  const write = (path: string): string =>
    attempt(() => writeFileSync(path, 'x')).replace(/:.*/s, '');
  return {
    masked: readFileSync('/key', 'utf8') + readFileSync('/proc/keys', 'utf8'),
    directories: [readdirSync('/secret'), readdirSync('/secret2')],
    masks: mountinfo()
      .filter(({ mountpoint }) => mountpoint.startsWith('/secret'))
      .map(({ type, options }) => `${type} ${options[0]}`),
    inOneTmpfs: statSync('/secret').dev === statSync('/secret2').dev,
    written: Object.fromEntries(
      [
        '/x',
        '/secret/x',
        '/ro/x',
        '/ro/sub/x',
        '/dev/x',
        '/volume/x',
        '/proc/sys/kernel/domainname',
      ].map((path) => [path, write(path)]),
    ),
  };
}

/** A rootfs with something else as /dev/null. */
export function fakeDevNull(scratch: string): Record<string, string> {
  const rootfs = join(scratch, 'rootfs');
  mkdirSync(join(rootfs, 'dev'), { recursive: true });
  writeFileSync(join(rootfs, 'dev/null'), 'fake');
  mkdirSync(join(rootfs, 'mydev'));
  execFileSync('mknod', [join(rootfs, 'mydev/null'), 'c', '1', '5']);
  const linux: Linux = { namespaces: [{ type: 'mount' }], maskedPaths: ['/mydev'] };
  const ctx = initContext(scratch, { linux });
  prepareRootfs(ctx);
  const exists = attempt(() => createDevices(ctx));
  const bound = [{ destination: '/dev', source: join(rootfs, 'mydev'), options: ['bind'] }];
  ctx.spec = { ...ctx.spec, mounts: bound };
  makeMounts(ctx);
  createDevices(ctx);
  pivotRoot(ctx);
  return { exists, mask: attempt(() => maskPaths(ctx)), dev: readdirSync('/dev').join() };
}

export function userNamespace(scratch: string): Record<string, unknown> {
  execFileSync('mkdir', ['-p', join(scratch, 'rootfs')]);
  execFileSync('chown', ['-R', `${STRANGER}:${STRANGER}`, scratch]);
  const child = { userNamespace: true, scratch, unshare: ['--pid', '--fork', '--uts', '--ipc'] };
  return inNamespace(import.meta.url, 'inUserNamespace', child);
}

export function inUserNamespace(scratch: string): Record<string, unknown> {
  const namespaces = (['user', 'mount', 'pid', 'uts', 'ipc'] as const).map((type) => ({ type }));
  const ctx = enter(scratch, { linux: { namespaces, maskedPaths: ['/proc/keys'] } });
  makeRootfsReadonly(ctx);
  maskPaths(ctx);
  return {
    null: mountinfo().find(({ mountpoint }) => mountpoint === '/dev/null')?.type,
    pid: readlinkSync('/proc/self'),
    keys: readFileSync('/proc/keys', 'utf8'),
    zero: statfsSync('/dev/zero').type,
  };
}

export function names(scratch: string): Record<string, unknown> {
  const child = { scratch, unshare: ['--uts', '--ipc'] };
  return inNamespace(import.meta.url, 'setNames', child);
}

export function setNames(scratch: string): Record<string, unknown> {
  const ctx = initContext(scratch, { hostname: 'größe', domainname: 'example.org' });
  // A forged /proc could pretend that the write succeeded.
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/proc']);
  setHostname(ctx);
  setDomainname(ctx);
  ctx.spec = {
    ...ctx.spec,
    linux: { sysctl: { 'kernel.shmmni': '1234', 'kernel/sem': '1 2 3 4' } },
  };
  setSysctls(ctx);
  ctx.spec = { ...ctx.spec, linux: { sysctl: { 'kernel.nonsense': '1' } } };
  const unknown = attempt(() => setSysctls(ctx));
  ctx.spec = { ...ctx.spec, linux: { sysctl: { 'kernel.sem': 'x' } } };
  const invalid = attempt(() => setSysctls(ctx));
  execFileSync('umount', ['/proc']);
  const read = (path: string): string => readFileSync(`/proc/sys/kernel/${path}`, 'utf8').trim();
  const values = ['hostname', 'domainname', 'shmmni', 'sem'].map(read);
  return { values, unknown, invalid };
}

export function devNullStreams(scratch: string): Record<string, unknown> {
  const hostDevice = fstatSync(0).dev;
  const ctx = enter(scratch);
  const before = statSync('/dev/null').dev;
  reopenDevNull(ctx);
  return {
    before: hostDevice === before,
    after: fstatSync(0).dev === before,
  };
}

/** All of it once more, without the calls that Linux 5.4 lacks. */
export function onOldKernel(scratch: string): Record<string, unknown> {
  becomeOldKernel();
  mkdirSync(join(scratch, 'volume'));
  const ctx = enter(scratch, {
    spec: {
      root: { path: 'rootfs', readonly: true },
      mounts: [
        { destination: '/volume', source: 'volume', options: ['bind', 'ro', 'nosuid', 'rprivate'] },
      ],
    },
    linux: { maskedPaths: ['/proc/keys'], readonlyPaths: ['/proc/sys'] },
  });
  makeRootfsReadonly(ctx);
  makePathsReadonly(ctx);
  maskPaths(ctx);
  ctx.spec = { ...ctx.spec, linux: { sysctl: { 'kernel.shmmni': '77' } } };
  const sysctl = attempt(() => setSysctls(ctx));
  return {
    sysctl,
    mounts: mountinfo().map(({ mountpoint, options }) => `${mountpoint} ${options.sort().join()}`),
    recursive: attempt(() => {
      const mounts = [{ destination: '/volume', source: '/dev', options: ['rbind', 'rro'] }];
      makeMounts({ ...ctx, spec: { ...ctx.spec, mounts } });
    }),
    writable: mountinfo()
      .filter(({ mountpoint }) => mountpoint.startsWith('/volume/'))
      .filter(({ options }) => !options.includes('ro')),
  };
}
