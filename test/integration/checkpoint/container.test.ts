import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestSpec } from '../../support/bundle.ts';
import { needsCriu } from '../../support/host/criu.ts';
import { Counter, succeed } from './counter.ts';

const options = { skip: needsCriu };

/** A bind mount of a host directory on `destination`. */
const bind = (source: string, destination: string, ...more: string[]) => ({
  ...{ type: 'bind', source, destination },
  options: ['bind', ...more],
});

test(
  'mounts are restored: read-only root, masked and read-only paths, binds',
  options,
  async (t) => {
    const counter = new Counter(
      t,
      ({ mounts, root }) => {
        root.readonly = true;
        mounts.push(bind('outside/rw', '/mnt/rw'), bind('outside/ro', '/mnt/ro', 'ro'));
        mounts.push({
          type: 'tmpfs',
          source: 'tmpfs',
          destination: '/scratch',
          options: ['size=1m'],
        });
      },
      'i=0; while :; do i=$((i+1)); echo $i > /mnt/rw/count; usleep 100000; done',
    );
    const { bundle } = counter;
    for (const name of ['rw', 'ro', 'rw/below']) {
      mkdirSync(join(bundle.dir, 'outside', name), { recursive: true });
    }
    writeFileSync(join(bundle.dir, 'outside/ro/file'), 'of the host');
    counter.countFile = join(bundle.dir, 'outside/rw/count');
    await counter.start();
    succeed(bundle.exec('sh', '-c', 'echo kept > /scratch/file'));
    const look = ['sh', '-c', LOOK];
    const before = bundle.exec(...look).stdout;
    await counter.roundTrip();
    assert.equal(bundle.exec(...look).stdout, before);
    assert.match(before, /^root ro\n/);
  },
);

/** Prints what a program sees of the container's mounts. */
const LOOK = `
touch /x 2> /dev/null && echo root rw || echo root ro
touch /mnt/ro/x 2> /dev/null && echo bind rw || echo bind ro
cat /mnt/ro/file /scratch/file
wc -c < /proc/keys
ls /proc/acpi /sys/firmware
touch /proc/sys/kernel/domainname 2>&1
ls /mnt/rw /dev
hostname
cut -d ' ' -f 2,3 /proc/self/mounts | grep -v -E '/proc/(kcore|keys|timer_list)' | sort
`;

test('limits, hooks and cgroups', options, async (t) => {
  const counter = new Counter(t, (spec) => {
    spec.linux.resources = { pids: { limit: 20 }, memory: { limit: 64 << 20 } };
    spec.mounts.push({
      ...{ type: 'cgroup', source: 'cgroup', destination: '/sys/fs/cgroup' },
      options: ['ro'],
    });
  });
  const { bundle } = counter;
  const log = () => readFileSync(join(bundle.dir, 'hooks'), 'utf8').trim().split('\n');
  chmodSync(bundle.write('../hook', HOOK, 0o755), 0o755);
  const config = join(bundle.dir, 'config.json');
  const hooks = hooksTo(join(bundle.dir, 'hook'));
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), hooks }));
  await counter.start();
  const before = bundle.exec('sh', '-c', 'cat /proc/1/cgroup; ls /sys/fs/cgroup').stdout;
  succeed(counter.checkpoint());
  assert.deepEqual(log().splice(0, 4), [
    'prestart creating',
    'createRuntime creating',
    'poststart running',
    'poststop stopped',
  ]);
  rmSync(join(bundle.dir, 'hooks'));
  const saved = counter.count();
  succeed(counter.restore());
  await counter.countsOn(saved);
  assert.deepEqual(log(), ['prestart creating', 'createRuntime creating', 'poststart running']);
  assert.equal(bundle.exec('sh', '-c', 'cat /proc/1/cgroup; ls /sys/fs/cgroup').stdout, before);
  const { pids, memory } = JSON.parse(bundle.runtime('events', '--stats', bundle.id).stdout).data;
  assert.equal(pids.limit, 20);
  assert.equal(memory.usage.limit, 64 << 20);
});

/** A hook that logs its kind and the status from its stdin. */
const HOOK = `#!/bin/sh
echo "$1 $(sed 's/.*"status":"\\([a-z]*\\)".*/\\1/')" >> "\${0%/*}/hooks"
`;

const hooksTo = (path: string): TestSpec['hooks'] =>
  Object.fromEntries(
    ['prestart', 'createRuntime', 'poststart', 'poststop'].map((kind) => [
      kind,
      [{ path, args: ['hook', kind] }],
    ]),
  );

test('another bundle, without mount points in its rootfs, and another id', options, async (t) => {
  const counter = new Counter(t, ({ mounts }) => {
    mounts.push(bind('outside', '/deep/mount/point'), bind('outside/file', '/mnt/file'));
  });
  mkdirSync(join(counter.bundle.dir, 'outside'));
  writeFileSync(join(counter.bundle.dir, 'outside/file'), 'of the host');
  await counter.start();
  succeed(counter.checkpoint());
  const saved = counter.count();

  const other = new Counter(t);
  for (const name of ['config.json', 'outside']) {
    cpSync(join(counter.bundle.dir, name), join(other.bundle.dir, name), { recursive: true });
  }
  other.images = counter.images;
  succeed(other.restore());
  await other.countsOn(saved);
  assert.equal(other.bundle.exec('cat', '/mnt/file').stdout, 'of the host');
  assert.ok(existsSync(join(other.bundle.rootfs, 'deep/mount/point')));
  assert.notEqual(other.bundle.id, counter.bundle.id);
});

test('a container with a user namespace', options, async (t) => {
  const counter = new Counter(t, (spec) => {
    spec.linux.namespaces.push({ type: 'user' });
    spec.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 1000 }];
    spec.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 1000 }];
  });
  chmodSync(counter.bundle.rootfs, 0o777);
  await counter.start();
  succeed(counter.checkpoint());
  const refused = counter.restore();
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /--image-path .* uid 100000, may not search it .*chmod o\+x/);
  chmodSync(counter.images, 0o711);
  const saved = counter.count();
  succeed(counter.restore());
  await counter.countsOn(saved);
  assert.equal(counter.bundle.exec('id', '-u').stdout, '0\n');
});

test('a paused container can be saved, and runs when it is restored', options, async (t) => {
  const counter = new Counter(t);
  await counter.start();
  succeed(counter.bundle.runtime('pause', counter.bundle.id));
  await counter.roundTrip();
});

test('a plugin may refuse a checkpoint', options, async (t) => {
  const counter = new Counter(t);
  const { bundle } = counter;
  const plugin = join(bundle.dir, 'plugin.mjs');
  writeFileSync(
    plugin,
    `export default {
      name: 'veto',
      before: { dumpProcesses() { throw new Error('not today'); } },
    };`,
  );
  await counter.start();
  const { pid } = bundle.state();
  const vetoed = bundle.runtime(
    ...['--plugin', plugin, 'checkpoint', '--image-path', counter.images, bundle.id],
  );
  assert.equal(vetoed.status, 1);
  assert.match(vetoed.stderr, /dumpProcesses: plugin veto: before dumpProcesses: not today/);
  assert.ok(!existsSync(counter.images));
  assert.equal(bundle.state().pid, pid);
  await counter.countsOn(counter.count());
});
