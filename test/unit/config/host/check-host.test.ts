import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { defaultSpec } from '../../../../src/config/default-spec.ts';
import { onlyCgroup2 } from '../../../../src/config/host/cgroups.ts';
import { checkHost } from '../../../../src/config/host/check-host.ts';
import type { Spec } from '../../../../src/config/types.ts';
import { needsRoot } from '../../../support/bundle.ts';

const options = { skip: needsRoot };

let bundle: string;
before(() => {
  bundle = mkdtempSync(join(tmpdir(), 'davit-host-'));
  mkdirSync(join(bundle, 'rootfs/below'), { recursive: true });
  symlinkSync('rootfs', join(bundle, 'link'));
  symlinkSync('nowhere', join(bundle, 'dangling'));
  writeFileSync(join(bundle, 'file'), '');
  execFileSync('mkfifo', [join(bundle, 'fifo')]);
});
after(() => rmSync(bundle, { recursive: true }));

function check(change: (spec: Spec) => void) {
  const spec = defaultSpec();
  change(spec);
  return checkHost(spec, bundle).map(({ path, expected }) => `${path}: ${expected}`);
}

test('a rootfs that is a directory is accepted, also below a symlink', options, () => {
  for (const path of ['rootfs', 'link/../rootfs', join(bundle, 'link/below')]) {
    assert.deepEqual(
      check((spec) => (spec.root!.path = path)),
      [],
    );
  }
});

test('a rootfs that is a symlink, missing or a file is reported', options, () => {
  const expected = (name: string, why: string) => [
    `root.path: an existing directory (${bundle}/${name}): ${why}`,
  ];
  for (const [name, why] of [
    ['link', `a symbolic link leads to ${bundle}/rootfs`],
    ['link/below', `a symbolic link leads to ${bundle}/rootfs/below`],
    ['missing', 'no such file or directory'],
    ['dangling', 'no such file or directory'],
    ['file', 'not a directory'],
  ] as const) {
    assert.deepEqual(
      check((spec) => (spec.root!.path = name)),
      expected(name, why),
    );
  }
});

test('namespace paths of the declared type are accepted', () => {
  const problems = check((spec) => {
    spec.linux!.namespaces = [
      { type: 'network', path: '/proc/self/ns/net' },
      { type: 'mount', path: '/proc/self/ns/mnt' },
      { type: 'user', path: '/proc/self/ns/user' },
      { type: 'pid', path: '/proc/self/ns/pid_for_children' },
      { type: 'time' },
    ];
  });
  assert.deepEqual(problems, []);
});

test('a bind-mounted namespace, as of ip-netns(8) and engines, is accepted', options, () => {
  const path = join(bundle, 'netns');
  writeFileSync(path, '');
  execFileSync('mount', ['--bind', '/proc/self/ns/net', path]);
  try {
    const joined = (type: 'network' | 'ipc') =>
      check((spec) => {
        spec.linux!.namespaces = [{ type, path }];
      });
    assert.deepEqual(joined('network'), []);
    assert.match(joined('ipc')[0]!, /it is a network namespace/);
  } finally {
    execFileSync('umount', [path]);
  }
});

test('a namespace path that is missing or of another type is reported', options, () => {
  const problems = check((spec) => {
    spec.linux!.namespaces = [
      { type: 'network', path: '/proc/self/ns/ipc' },
      { type: 'ipc', path: join(bundle, 'missing') },
      { type: 'uts', path: join(bundle, 'file') },
      { type: 'pid', path: '/proc/self/ns/uts' },
      { type: 'mount', path: join(bundle, 'fifo') },
    ];
  });
  const at = (index: number) => `linux.namespaces[${index}].path`;
  assert.deepEqual(problems, [
    `${at(0)}: the path of a network namespace: it is an ipc namespace`,
    `${at(1)}: the path of an ipc namespace: no such file or directory`,
    `${at(2)}: the path of a uts namespace: it is not a namespace`,
    `${at(3)}: the path of a pid namespace: it is a uts namespace`,
    `${at(4)}: the path of a mount namespace: it is not a namespace`,
  ]);
});

test("net. sysctls are refused in the host's own network namespace", options, () => {
  const path = '/proc/self/ns/net';
  const problems = check((spec) => {
    spec.linux!.namespaces = [{ type: 'network', path }];
    spec.linux!.sysctl = { 'net.ipv4.ip_forward': '1' };
  });
  assert.deepEqual(problems, [
    `linux.sysctl["net.ipv4.ip_forward"]: no such sysctl, as ${path} is the host's own`,
  ]);
});

test('a label is refused on a host without SELinux', {
  skip: needsRoot || (existsSync('/sys/fs/selinux/enforce') && 'the host runs SELinux'),
}, () => {
  assert.deepEqual(
    check((spec) => (spec.process!.selinuxLabel = 'system_u:system_r:container_t:s0')),
    ['process.selinuxLabel: no label, as the host does not run SELinux'],
  );
});

test('settings of cgroup v2 are refused on a host with v1', {
  skip: needsRoot || onlyCgroup2(),
}, () => {
  assert.deepEqual(
    check((spec) => (spec.linux!.resources!.unified = { 'memory.high': '1' })),
    [
      'linux.resources.unified: no settings of cgroup v2, as the host uses cgroup v1: invalid configuration',
    ],
  );
});
