import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { inNamespace } from './in-namespace.ts';
import type * as Child from './root.child.ts';

const options = { skip: needsRoot };

const url = new URL('./root.child.ts', import.meta.url).href;
const run = <K extends keyof typeof Child>(name: K): ReturnType<(typeof Child)[K]> =>
  inNamespace(url, name);

test('pivotRoot leaves only the rootfs, with devices and symlinks', options, () => {
  assert.deepEqual(run('pivot'), {
    root: ['dev', 'proc', 'run'],
    cwd: ['/', '/'],
    mounts: ['/', '/proc', '/dev'],
    devices: {
      null: '20600 1:3 0:0',
      zero: '20666 1:5 0:0',
      full: '20666 1:7 0:0',
      random: '20666 1:8 0:0',
      urandom: '20666 1:9 0:0',
      tty: '20666 5:0 0:0',
      fuse: '20640 10:229 3:4',
    },
    pipe: '10666 0:0 0:0',
    links: {
      fd: '/proc/self/fd',
      stdin: '/proc/self/fd/0',
      stdout: '/proc/self/fd/1',
      stderr: '/proc/self/fd/2',
      ptmx: 'pts/ptmx',
    },
  });
});

test("noPivot: the rootfs is the root, and the host's procfs is gone", options, () => {
  assert.deepEqual(run('noPivot'), { root: ['dev', 'proc'], proc: ['/proc'] });
  assert.match(run('noPivotPrivate'), /not safe without pivot_root$/);
});

test('without a new mount namespace: a chroot', options, () => {
  assert.deepEqual(run('chrooted'), { before: [], root: ['dev', 'proc'], proc: 'proc' });
});

test('rootfsPropagation is applied to the root, not to the host', options, () => {
  const { none, ...others } = run('propagation');
  assert.match(String(none), /^master:\d+$/);
  assert.deepEqual(others, { rprivate: [], unbindable: ['unbindable'], leaked: [] });
  assert.match(run('rootOfShared').join(), /^shared:\d+$/);
});

test('masked paths cannot be read, read-only ones cannot be written', options, () => {
  const refused = 'EROFS';
  assert.deepEqual(run('restricted'), {
    masked: '',
    directories: [[], []],
    masks: ['tmpfs ro', 'tmpfs ro'],
    inOneTmpfs: true,
    written: {
      '/x': refused,
      '/secret/x': refused,
      '/ro/x': refused,
      '/ro/sub/x': 'no error',
      '/dev/x': refused,
      '/volume/x': 'no error',
      '/proc/sys/kernel/domainname': refused,
    },
  });
});

test('a false /dev/null is neither used as a device nor for masking', options, () => {
  assert.deepEqual(run('fakeDevNull'), {
    exists: '/dev/null exists and is not the device asked for',
    mask: "container's /dev/null is invalid",
    dev: 'null',
  });
});

test("in a user namespace the host's devices are bind-mounted", options, () => {
  const { null: type, pid, keys } = run('userNamespace');
  assert.notEqual(type, 'tmpfs');
  assert.deepEqual({ pid, keys }, { pid: '1', keys: '' });
});

test('hostname, domainname, and sysctls despite a covered /proc', options, () => {
  const { values, unknown, invalid } = run('names');
  assert.deepEqual(values, ['größe', 'example.org', '1234', '1\t2\t3\t4']);
  assert.equal(unknown, 'open sys/kernel/nonsense: ENOENT: no such file or directory');
  assert.equal(invalid, 'write "x" to sys/kernel/sem: EINVAL: invalid argument');
});

test("stdio on the host's /dev/null is replaced by the container's", options, () => {
  assert.deepEqual(run('devNullStreams'), { before: false, after: true });
});

test('Linux 5.4: the result is the same without openat2 and mount_setattr', options, () => {
  const { sysctl, mounts, recursive, writable } = run('onOldKernel');
  assert.equal(sysctl, 'no error');
  assert.deepEqual(mounts, [
    '/ relatime,ro',
    '/proc relatime,rw',
    '/dev nosuid,relatime,ro',
    '/volume nosuid,relatime,ro',
    '/proc/sys relatime,ro',
    '/proc/keys nosuid,relatime,ro',
  ]);
  assert.equal(recursive, 'no error');
  assert.deepEqual(writable, []);
});
