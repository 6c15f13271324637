import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBundle, needsContainers } from '../../support/bundle.ts';
import { needsCriu, needsMemoryTracking } from '../../support/host/criu.ts';
import { fillDisk, smallDisk } from '../../support/host/small-disk.ts';
import { Counter, succeed } from './counter.ts';

test('criu is missing', { skip: needsContainers }, async (t) => {
  const counter = new Counter(t);
  const { bundle, images } = counter;
  await counter.start();
  const without = { env: { PATH: bundle.dir } };
  for (const args of [
    ['checkpoint', '--image-path', images, bundle.id],
    ['restore', '--image-path', images, '--bundle', bundle.dir, `${bundle.id}-2`],
  ]) {
    const { status, stderr } = bundle.runtimeWith(without, ...args);
    assert.equal(status, 1);
    assert.match(stderr, /exec: "criu": executable file not found in \$PATH \(hint: .*criu 3\.15/);
  }
  assert.ok(!existsSync(images));
  await counter.countsOn(counter.count());
});

test('criu is too old', { skip: needsContainers }, async (t) => {
  const counter = new Counter(t);
  const { bundle, images } = counter;
  await counter.start();
  // Answers as criu 3.10 does, which no machine has any more.
  const criu = join(bundle.dir, 'criu');
  writeFileSync(
    criu,
    "#!/bin/sh\nhead -c 1 <&3 > /dev/null; printf '\\010\\012\\020\\001\\122\\004\\010\\003\\020\\012' >&3\n",
  );
  chmodSync(criu, 0o755);
  const { status, stderr } = bundle.runtimeWith(
    { env: { PATH: `${bundle.dir}:${process.env.PATH}` } },
    ...['checkpoint', '--image-path', images, bundle.id],
  );
  assert.equal(status, 1);
  assert.match(stderr, /criu has version 3\.10: expected 3\.15 or newer/);
  await counter.countsOn(counter.count());
});

test('criu ends without an answer', { skip: needsContainers }, async (t) => {
  const counter = new Counter(t);
  const { bundle, images } = counter;
  await counter.start();
  const criu = join(bundle.dir, 'criu');
  writeFileSync(criu, '#!/bin/sh\nexit 3\n');
  chmodSync(criu, 0o755);
  const env = { PATH: `${bundle.dir}:${process.env.PATH}` };
  const failed = bundle.runtimeWith({ env }, 'checkpoint', '--image-path', images, bundle.id);
  assert.equal(failed.status, 1);
  assert.match(failed.stderr, /criu ended without an answer/);
});

test('a checkpoint that criu refuses leaves the container running', {
  skip: needsCriu,
}, async (t) => {
  const counter = new Counter(t);
  const { bundle, images } = counter;
  // Unix sockets, whose other ends this process has.
  counter.stdio = ['pipe', 'pipe', 'pipe'];
  await counter.start();
  const { pid } = bundle.state();
  const { status, stderr } = counter.checkpoint();
  assert.equal(status, 1);
  assert.match(stderr, /dumpProcesses: criu failed: unix: .*criu's log is .*dump\.log/);
  assert.match(stderr, /level=warning msg="criu: .*Dumping FAILED/);
  assert.deepEqual(readdirSync(images), ['dump.log']);
  assert.deepEqual([bundle.state().pid, bundle.state().status], [pid, 'running']);
  await counter.countsOn(counter.count());
});

test('a full disk', { skip: needsCriu }, async (t) => {
  const counter = new Counter(t);
  const { bundle } = counter;
  await counter.start();
  counter.images = join(bundle.dir, 'disk');
  using _disk = smallDisk(counter.images);
  fillDisk(join(counter.images, 'full'));
  assert.equal(counter.checkpoint().status, 1);
  assert.deepEqual(
    readdirSync(counter.images).filter((name) => name.endsWith('.img')),
    [],
  );
  await counter.countsOn(counter.count());
});

test('a damaged checkpoint', { skip: needsCriu }, async (t) => {
  const counter = new Counter(t);
  const { bundle, images } = counter;
  await counter.start();
  succeed(counter.checkpoint());
  const refuses = (expected: RegExp) => {
    const { status, stderr } = counter.restore();
    assert.equal(status, 1);
    assert.match(stderr, expected);
    assert.equal(bundle.runtime('state', bundle.id).status, 1);
    bundle.expectNothingLeft();
  };
  truncateSync(join(images, 'core-1.img'), 100);
  refuses(/criu failed.*restore\.log/);
  writeFileSync(join(images, 'descriptors.json'), '{}');
  refuses(/descriptors\.json: expected the names of stdin, stdout and stderr/);
  counter.images = `${images}-none`;
  refuses(/--image-path .*images-none: no such directory/);
  counter.images = bundle.dir;
  refuses(/--image-path .*: no checkpoint is there: it has no inventory\.img/);
});

test('a poststart hook that fails ends the restored container', { skip: needsCriu }, async (t) => {
  const counter = new Counter(t);
  await counter.start();
  succeed(counter.checkpoint());
  counter.bundle.configure((spec) => {
    spec.hooks = { poststart: [{ path: '/bin/false' }] };
  });
  const failed = counter.restore();
  assert.equal(failed.status, 1);
  assert.match(failed.stderr, /poststartHooks: hooks.poststart\[0\]/);
  counter.bundle.expectNothingLeft();
});

test('a prestart hook that fails ends the restore', { skip: needsCriu }, async (t) => {
  const counter = new Counter(t);
  await counter.start();
  succeed(counter.checkpoint());
  counter.bundle.configure((spec) => {
    spec.hooks = { prestart: [{ path: '/bin/false' }] };
  });
  const failed = counter.restore();
  assert.equal(failed.status, 1);
  assert.match(failed.stderr, /prestartHooks: hooks.prestart\[0\]/);
  counter.bundle.expectNothingLeft();
});

test('only a running container can be saved', { skip: needsContainers }, (t) => {
  const bundle = makeBundle(t, { args: ['true'] });
  assert.equal(bundle.create().status, 0);
  const refused = bundle.runtime('checkpoint', bundle.id);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /container cannot be checkpointed in created state/);
});

test('flags with invalid values', { skip: needsContainers }, async (t) => {
  const counter = new Counter(t);
  await counter.start();
  mkdirSync(counter.images);
  for (const [flag, value, expected] of [
    ['--manage-cgroups-mode', 'hard', /"hard": expected 'ignore', 'soft', 'full', 'strict'/],
    ['--network-lock', 'tape', /"tape": expected 'iptables', 'nftables', 'skip'/],
    ['--empty-ns', 'pid', /"pid": expected 'network'/],
    ['--page-server', 'here', /"here": expected ADDRESS:PORT/],
  ] as const) {
    const { status, stderr } = counter.checkpoint(flag, value);
    assert.equal(status, 1);
    assert.match(stderr, expected);
  }
});

test('--parent-path and --status-fd must name existing things', {
  skip: needsMemoryTracking,
}, async (t) => {
  const counter = new Counter(t);
  await counter.start();
  for (const [flag, value, expected] of [
    ['--parent-path', '/x', /--parent-path \/x: expected a path relative to --image-path/],
    ['--parent-path', '../x', /--parent-path \.\.\/x: no such directory/],
    ['--status-fd', '55', /--status-fd 55: not open/],
  ] as const) {
    const { status, stderr } = counter.checkpoint(flag, value);
    assert.equal(status, 1);
    assert.match(stderr, expected);
  }
});
