import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { needsRoot } from '../../../support/bundle.ts';
import { inNamespace } from '../in-namespace.ts';
import type * as Child from '../mounts.child.ts';

const asRoot = { skip: needsRoot };

const url = new URL('../mounts.child.ts', import.meta.url).href;
const run = <K extends keyof typeof Child>(name: K): ReturnType<(typeof Child)[K]> =>
  inNamespace(url, name);

const brief = (seen: Child.Seen[]): string[] =>
  seen.map(({ at, type, options }) => `${at} ${type} ${options.join()}`);

test("the default configuration's mounts, with their flags and data", asRoot, () => {
  const seen = run('defaults');
  assert.deepEqual(brief(seen), [
    '/proc proc relatime,rw',
    '/dev tmpfs nosuid,rw',
    '/dev/pts devpts noexec,nosuid,relatime,rw',
    '/dev/shm tmpfs nodev,noexec,nosuid,relatime,rw',
    '/dev/mqueue mqueue nodev,noexec,nosuid,relatime,rw',
    '/sys sysfs nodev,noexec,nosuid,relatime,ro',
  ]);
  assert.deepEqual(seen[1]!.superOptions, ['rw', 'size=65536k', 'mode=755']);
  assert.deepEqual(seen[2]!.superOptions, ['rw', 'gid=5', 'mode=620', 'ptmxmode=666']);
});

test('a mount that takes a large part of the command has a span', asRoot, () => {
  assert.deepEqual(run('large'), ['/x']);
});

test('binds: one mount or all mounts below, files, relative sources, flags', asRoot, () => {
  const { seen, file, relative } = run('binds');
  const flags = seen.map(({ at, options }) => `${at} ${options.join()}`);
  assert.deepEqual(flags, [
    '/rbind nodev,relatime,ro',
    '/rbind/below nosuid,relatime,rw',
    '/bind relatime,rw',
    '/rro noatime,ro',
    '/rro/below noatime,nosuid,ro',
    '/etc/made/file noexec,relatime,ro',
    '/relative relatime,rw',
    '/shared noexec,relatime,rw',
  ]);
  assert.match(seen.at(-1)!.optional.join(), /^shared:\d+$/);
  assert.deepEqual(seen.at(-2)!.optional, []);
  assert.equal(file, 'the file');
  assert.deepEqual(relative, ['below', 'file']);
});

// A symlink swapped in later has no effect: after openMountpoint only the fd is used.
test("symlinks and .. of the rootfs lead to the container's own files", asRoot, () => {
  const { seen, hostMounts, made } = run('escapes');
  const places = seen.map(({ at }) => at);
  assert.deepEqual(places, ['/sub', '/outside/made', '/var/tmp', '/up', '/x']);
  assert.deepEqual(hostMounts, []);
  assert.deepEqual(made, []);
});

test('the error of a failed mount names field, call and reason', asRoot, () => {
  const refused = run('refused');
  const expected: Record<keyof typeof refused, RegExp> = {
    symlink: /^filesystem "proc" must be mounted on ordinary directory$/,
    root: /^mountpoint \/self is on top of the rootfs$/,
    option:
      /^mount tmpfs on \/x \(MS_NOSUID,nonsense=1\): EINVAL: invalid argument.*Unknown parameter 'nonsense'$/,
    bindData: /^bind mounts cannot have any filesystem-specific options applied: size=1k$/,
    missing: /^mount \/not\/there on \/x \(MS_RDONLY\|MS_BIND\|MS_REC\): ENOENT: no such file or/,
    type: /^mount nonsense on \/x \(MS_NOEXEC\): ENODEV: no such device$/,
    idmap: /mapping the ids of a mount takes root$/,
  };
  for (const [name, pattern] of Object.entries(expected)) {
    assert.match(refused[name]!.message, pattern);
    assert.equal(refused[name]!.configPath, 'mounts[0]');
  }
});

test('only procfs, and files that lxcfs emulates, can be mounted in /proc', asRoot, () => {
  const messages = run('overProc');
  const over = '"/proc" cannot be mounted because it is not of type proc';
  assert.deepEqual(messages, {
    below: '"/proc/sys" cannot be mounted because it is inside /proc',
    over,
    bindOver: over,
    overlay: over,
    sysfs: over,
    procfs: 'no error',
    lxcfs: 'no error',
  });
});

test('tmpfs takes the covered directory’s mode, is writable, and copies up', asRoot, () => {
  const { mode, seen, copied } = run('tmpfs');
  assert.equal(mode, '1777');
  assert.deepEqual(brief(seen), ['/sticky tmpfs relatime,rw', '/var tmpfs nodev,relatime,rw']);
  assert.deepEqual(copied, [
    '/var/deep/file 640 12:34 regular file',
    '/var/link 777 0:0 symbolic link',
    '/var/fifo 644 0:0 fifo',
    'text',
  ]);
});

test('cgroup v1: each hierarchy from the own cgroup down, with symlinks', asRoot, () => {
  const { seen, links } = run('cgroups');
  const places = seen.map(({ at, options }) => `${at} ${options.join()}`);
  assert.deepEqual(places, [
    '/sys/fs/cgroup nodev,noexec,nosuid,relatime,rw',
    '/sys/fs/cgroup/cpu,cpuacct nosuid,relatime,ro',
    '/sys/fs/cgroup/memory nosuid,relatime,ro',
  ]);
  assert.match(seen[2]!.root, /\/memory\/davit\/test$/);
  assert.deepEqual(links, { cpu: 'own', cpuacct: 'own', memory: 'own' });
});

const hybrid = existsSync('/sys/fs/cgroup/memory/tasks');

test('cgroup v1 in a cgroup namespace', {
  skip: needsRoot || (!hybrid && 'needs cgroup v1'),
}, () => {
  const memory = run('freshCgroups').find(({ at }) => at === '/sys/fs/cgroup/memory')!;
  assert.deepEqual([memory.type, memory.root], ['cgroup', '/']);
  assert.deepEqual(memory.options, ['nodev', 'noexec', 'nosuid', 'relatime', 'ro']);
});

test('only cgroup v2', asRoot, () => {
  const { mounted, bound } = run('unified');
  assert.deepEqual(brief(mounted), ['/sys/fs/cgroup cgroup2 nosuid,relatime,ro']);
  assert.deepEqual(brief(bound), ['/sys/fs/cgroup cgroup2 nosuid,relatime,ro']);
});

test(
  'in a user namespace, locked flags are kept, and options that contradict them are refused',
  asRoot,
  () => {
    const { messages, seen } = run('locked');
    assert.deepEqual(messages, {
      ro: 'no error',
      suid: 'cannot clear locked flags MS_NOSUID: operation not permitted',
      relatime: 'cannot change locked atime flags MS_NOATIME: operation not permitted',
      sysfs: 'no error',
    });
    assert.ok(brief(seen).includes('/ro tmpfs noatime,nodev,nosuid,ro'));
    // The host's /sys, because this namespace has the host's network.
    for (const { at, options } of seen)
      if (at.startsWith('/sys')) assert.ok(options.includes('ro'), at);
  },
);
