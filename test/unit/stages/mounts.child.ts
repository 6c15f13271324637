import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Mount, Spec } from '../../../src/config/types.ts';
import type { InitContext } from '../../../src/context/init-context.ts';
import { makeMounts } from '../../../src/stages/mounts/mounts.ts';
import { prepareRootfs } from '../../../src/stages/rootfs/prepare-rootfs.ts';
import { type MountinfoEntry, parseMountinfo } from '../../../src/syscalls/mount/mountinfo.ts';
import { monotonicNs } from '../../../src/syscalls/time/monotonic.ts';
import { initContext, inNamespace, STRANGER } from './in-namespace.ts';

/** What the container sees of a mount. */
export interface Seen {
  at: string;
  root: string;
  type: string;
  options: string[];
  optional: string[];
  superOptions: string[];
}

function mountAll(scratch: string, mounts: Mount[], more: Partial<Spec> = {}): InitContext {
  const ctx = initContext(scratch, { mounts, ...more });
  prepareRootfs(ctx);
  makeMounts(ctx);
  return ctx;
}

function seen({ rootfs }: InitContext): Seen[] {
  const inside = ({ mountpoint }: MountinfoEntry): boolean => mountpoint.startsWith(`${rootfs}/`);
  return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'))
    .filter(inside)
    .map(({ mountpoint, root, type, options, optional, superOptions }) => ({
      at: mountpoint.slice(rootfs.length),
      root,
      type,
      options: options.sort(),
      optional,
      superOptions,
    }));
}

const attempt = (action: () => unknown): { message: string; configPath?: string } => {
  try {
    action();
  } catch (error) {
    const { message, configPath } = error as { message: string; configPath?: string };
    return configPath ? { message, configPath } : { message };
  }
  return { message: 'no error' };
};

export function defaults(scratch: string): Seen[] {
  const mounts: Mount[] = JSON.parse(
    readFileSync(new URL('./default-mounts.json', import.meta.url), 'utf8'),
  );
  return seen(mountAll(scratch, mounts));
}

/** Which mount has a span in a command that has just begun. */
export function large(scratch: string): string[] {
  const ctx = initContext(scratch, { mounts: [{ destination: '/x', type: 'tmpfs', source: 'x' }] });
  prepareRootfs(ctx);
  makeMounts(Object.assign(ctx, { begin: monotonicNs() }));
  return ctx.mountRuns.map(({ destination }) => destination);
}

export function binds(scratch: string): { seen: Seen[]; file: string; relative: string[] } {
  mkdirSync(join(scratch, 'data/below'), { recursive: true });
  writeFileSync(join(scratch, 'data/file'), 'the file');
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'nosuid', 'below', join(scratch, 'data/below')]);
  const source = join(scratch, 'data');
  const ctx = mountAll(scratch, [
    { destination: '/rbind', source, options: ['rbind', 'ro', 'nodev'] },
    { destination: '/bind', source, options: ['bind'] },
    { destination: '/rro', source, options: ['rbind', 'rro', 'rnoatime'] },
    { destination: '/etc/made/file', source: `${source}/file`, options: ['bind', 'ro', 'noexec'] },
    { destination: 'relative', source: 'data', options: ['bind', 'rprivate'] },
    { destination: '/shared', source, options: ['bind', 'shared'] },
    { destination: '/shared', options: ['bind', 'remount', 'noexec'] },
  ]);
  return {
    seen: seen(ctx),
    file: readFileSync(join(ctx.rootfs, 'etc/made/file'), 'utf8'),
    relative: readdirSync(join(ctx.rootfs, 'relative')),
  };
}

/** Symlinks in the rootfs that point out of it. Their targets on the host must not change. */
export function escapes(scratch: string): { seen: Seen[]; hostMounts: string[]; made: string[] } {
  const rootfs = join(scratch, 'rootfs');
  mkdirSync(join(scratch, 'outside'));
  mkdirSync(rootfs);
  symlinkSync('/', join(rootfs, 'etc'));
  symlinkSync('../outside', join(rootfs, 'data'));
  symlinkSync('../../../../../../../../var/tmp', join(rootfs, 'tmp'));
  const count = (): MountinfoEntry[] =>
    parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
  const before = new Set(count().map(({ mountpoint }) => mountpoint));
  const ctx = mountAll(scratch, [
    { destination: '/etc/sub', type: 'tmpfs', source: 'tmpfs' },
    { destination: '/data/made', type: 'tmpfs', source: 'tmpfs' },
    { destination: '/tmp', type: 'tmpfs', source: 'tmpfs' },
    { destination: '/../../up', type: 'tmpfs', source: 'tmpfs' },
    { destination: '/data/../../../x', source: '/etc/hostname', options: ['bind'] },
  ]);
  return {
    seen: seen(ctx),
    hostMounts: count()
      .map(({ mountpoint }) => mountpoint)
      .filter((path) => !before.has(path) && path !== rootfs && !path.startsWith(`${rootfs}/`)),
    made: readdirSync(join(scratch, 'outside')),
  };
}

export function refused(scratch: string): Record<string, { message: string; configPath?: string }> {
  const rootfs = join(scratch, 'rootfs');
  mkdirSync(join(rootfs, 'real'), { recursive: true });
  symlinkSync('real', join(rootfs, 'proc'));
  symlinkSync('/', join(rootfs, 'self'));
  mkdirSync(join(rootfs, 'sys'));
  const tmpfs = { type: 'tmpfs', source: 'tmpfs' };
  const cases: Record<string, Mount> = {
    symlink: { destination: '/proc', type: 'proc', source: 'proc' },
    root: { destination: '/self', ...tmpfs },
    option: { destination: '/x', ...tmpfs, options: ['nosuid', 'nonsense=1'] },
    bindData: { destination: '/x', source: '/usr', options: ['bind', 'size=1k'] },
    missing: { destination: '/x', source: '/not/there', options: ['rbind', 'ro'] },
    type: { destination: '/x', type: 'nonsense', source: 'x', options: ['noexec'] },
    idmap: { destination: '/x', source: '/usr', options: ['bind', 'idmap'] },
  };
  const ctx = initContext(scratch, {});
  prepareRootfs(ctx);
  return Object.fromEntries(
    Object.entries(cases).map(([name, mount]) => {
      ctx.spec = { ...ctx.spec, mounts: [mount] };
      return [name, attempt(() => makeMounts(ctx))];
    }),
  );
}

export function overProc(scratch: string): Record<string, string> {
  const ctx = mountAll(scratch, [{ destination: '/proc', type: 'proc', source: 'proc' }]);
  const tmpfs = { type: 'tmpfs', source: 'tmpfs' };
  const cases: Record<string, Mount> = {
    below: { destination: '/proc/sys', ...tmpfs },
    over: { destination: '/proc/.', ...tmpfs },
    bindOver: { destination: '/proc', source: '/sys', options: ['bind'] },
    overlay: { destination: '/proc', type: 'overlay', source: 'overlay' },
    sysfs: { destination: '/proc', type: 'sysfs', source: 'sysfs' },
    procfs: { destination: '/proc', source: '/proc', options: ['rbind'] },
    lxcfs: { destination: '/proc/meminfo', source: '/etc/hostname', options: ['bind'] },
  };
  return Object.fromEntries(
    Object.entries(cases).map(([name, mount]) => {
      ctx.spec = { ...ctx.spec, mounts: [mount] };
      return [name, attempt(() => makeMounts(ctx)).message];
    }),
  );
}

export function tmpfs(scratch: string): { mode: string; seen: Seen[]; copied: string[] } {
  const rootfs = join(scratch, 'rootfs');
  mkdirSync(join(rootfs, 'var/deep'), { recursive: true });
  mkdirSync(join(rootfs, 'sticky'));
  execFileSync('chmod', ['1777', join(rootfs, 'sticky')]);
  writeFileSync(join(rootfs, 'var/deep/file'), 'text', { mode: 0o640 });
  execFileSync('chown', ['12:34', join(rootfs, 'var/deep/file')]);
  execFileSync('mkfifo', [join(rootfs, 'var/fifo')]);
  symlinkSync('deep/file', join(rootfs, 'var/link'));
  const ctx = mountAll(scratch, [
    { destination: '/sticky', type: 'tmpfs', source: 'tmpfs', options: ['ro', 'size=64k'] },
    { destination: '/var', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup', 'nodev'] },
  ]);
  const paths = ['deep/file', 'link', 'fifo'].map((name) => join(rootfs, 'var', name));
  const listed = execFileSync('stat', ['-c', '%n %a %u:%g %F', ...paths], { encoding: 'utf8' });
  const lines = listed.trim().split('\n');
  return {
    mode: (statSync(join(rootfs, 'sticky')).mode & 0o7777).toString(8),
    seen: seen(ctx),
    copied: [
      ...lines.map((line) => line.slice(rootfs.length)),
      readFileSync(join(rootfs, 'var/link'), 'utf8'),
    ],
  };
}

export function cgroups(scratch: string): { seen: Seen[]; links: Record<string, string> } {
  const hierarchy = (name: string): string => {
    mkdirSync(join(scratch, name, 'davit/test/own'), { recursive: true });
    return join(scratch, name);
  };
  const ctx = initContext(scratch, {
    mounts: [
      {
        destination: '/sys/fs/cgroup',
        type: 'cgroup',
        source: 'cgroup',
        options: ['nosuid', 'ro'],
      },
    ],
  });
  const at = (name: string) => ({ version: 1, mountpoint: hierarchy(name), path: '/davit/test' });
  Object.assign(ctx.cgroup!, {
    allHierarchies: [
      { controllers: ['cpu', 'cpuacct'], ...at('cpu,cpuacct') },
      { controllers: ['memory'], ...at('memory') },
      { controllers: [], ...at('unified'), version: 2 },
    ],
  });
  prepareRootfs(ctx);
  makeMounts(ctx);
  const root = join(ctx.rootfs, 'sys/fs/cgroup');
  const links = Object.fromEntries(
    ['cpu', 'cpuacct', 'memory'].map((name) => [name, readdirSync(join(root, name)).join()]),
  );
  return { seen: seen(ctx), links };
}

interface Locked {
  messages: Record<string, string>;
  seen: Seen[];
}

/** Bind mounts whose flags the host has set: in a user namespace these flags are locked. */
export function locked(scratch: string): Locked {
  mkdirSync(join(scratch, 'rootfs'), { recursive: true });
  mkdirSync(join(scratch, 'locked'));
  const options = 'nosuid,nodev,noatime';
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'locked', join(scratch, 'locked')]);
  execFileSync('chown', ['-R', `${STRANGER}:${STRANGER}`, scratch]);
  return inNamespace(import.meta.url, 'bindLocked', { userNamespace: true, scratch });
}

export function bindLocked(scratch: string): Locked {
  const linux: NonNullable<Spec['linux']> = { namespaces: [{ type: 'mount' }, { type: 'user' }] };
  const ctx = initContext(scratch, { linux });
  prepareRootfs(ctx);
  const source = join(scratch, 'locked');
  const messages: Record<string, string> = {};
  for (const option of ['ro', 'suid', 'relatime']) {
    const mounts = [{ destination: `/${option}`, source, options: ['bind', option] }];
    ctx.spec = { ...ctx.spec, mounts };
    messages[option] = attempt(() => makeMounts(ctx)).message;
  }
  ctx.spec = { ...ctx.spec, mounts: [{ destination: '/sys', type: 'sysfs', options: ['ro'] }] };
  messages.sysfs = attempt(() => makeMounts(ctx)).message;
  return { messages, seen: seen(ctx) };
}

/** In a cgroup namespace each v1 hierarchy is mounted anew, if the host has version 1. */
export function freshCgroups(scratch: string): Seen[] {
  const run = 'mountFreshCgroups';
  return inNamespace(import.meta.url, run, { scratch, unshare: ['--cgroup'] });
}

export function mountFreshCgroups(scratch: string): Seen[] {
  const mount = { destination: '/sys/fs/cgroup', type: 'cgroup', options: ['ro'] };
  const namespaces = (['mount', 'cgroup'] as const).map((type) => ({ type }));
  const ctx = initContext(scratch, { mounts: [mount], linux: { namespaces } });
  const host = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
  const allHierarchies = host
    .filter(({ type, mountpoint }) => type === 'cgroup' && dirname(mountpoint) === '/sys/fs/cgroup')
    .map(({ mountpoint, superOptions }) => ({
      version: 1,
      mountpoint,
      path: '/',
      controllers: superOptions.filter((option) => option !== 'rw'),
    }));
  Object.assign(ctx.cgroup!, { allHierarchies });
  prepareRootfs(ctx);
  makeMounts(ctx);
  return seen(ctx);
}

/** On a host with version 2 only: mounted, or bound if a user namespace may not mount it. */
export function unified(scratch: string): { mounted: Seen[]; bound: Seen[] } {
  execFileSync('mount', ['-t', 'cgroup2', 'cgroup2', '/sys/fs/cgroup']);
  mkdirSync(join(scratch, 'rootfs'));
  execFileSync('chown', ['-R', `${STRANGER}:${STRANGER}`, scratch]);
  const child = { scratch, userNamespace: true };
  return {
    bound: inNamespace(import.meta.url, 'mountUnified', child),
    mounted: mountUnified(scratch),
  };
}

export function mountUnified(scratch: string): Seen[] {
  return seen(
    mountAll(scratch, [
      {
        destination: '/sys/fs/cgroup',
        type: 'cgroup',
        source: 'cgroup',
        options: ['ro', 'nosuid'],
      },
    ]),
  );
}
