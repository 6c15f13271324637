import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addUserNamespace } from '../../support/attacker.ts';
import { type Bundle, makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';

const options = { skip: needsRoot };

/* crun's mount options for bind mounts whose source or destination is a symlink. */

/**
 * A bundle with a directory that only root can enter, with a file and symlinks as mount sources.
 */
function withLinks(t: TestContext): Bundle & { source: (name: string) => string } {
  const bundle = makeBundle(t);
  const directory = join(bundle.dir, 'closed');
  mkdirSync(directory, { mode: 0o700 });
  writeFileSync(join(directory, 'file'), 'of the host\n', { mode: 0o644 });
  symlinkSync('file', join(directory, 'link'));
  symlinkSync('/no/such/file', join(directory, 'dangling'));
  bundle.write('mnt/there', 'of the container\n');
  symlinkSync('there', join(bundle.rootfs, 'mnt/to-there'));
  // Root of the user namespace must be able to make mount points here.
  chmodSync(join(bundle.rootfs, 'mnt'), 0o777);
  return Object.assign(bundle, { source: (name: string) => join(directory, name) });
}

function run(bundle: Bundle, script: string, change: (spec: TestSpec) => void) {
  bundle.configure((spec) => {
    spec.root.readonly = false;
    spec.process.args = ['sh', '-c', script];
    change(spec);
  });
  return bundle.run();
}

for (const userNamespace of [false, true]) {
  const where = userNamespace ? ', in a user namespace' : '';
  test(`copy-symlink: a symlink is recreated, another file is mounted${where}`, options, (t) => {
    const bundle = withLinks(t);
    const script =
      'readlink /mnt/new/link; readlink /mnt/dangling; cat /mnt/file; [ ! -L /mnt/file ]';
    const { status, stdout, stderr } = run(bundle, script, (spec) => {
      if (userNamespace) addUserNamespace(spec);
      const mount = { options: ['rbind', 'copy-symlink'] };
      spec.mounts.push(
        { ...mount, source: bundle.source('link'), destination: '/mnt/new/link' },
        { ...mount, source: bundle.source('dangling'), destination: '/mnt/dangling' },
        { ...mount, source: bundle.source('file'), destination: '/mnt/file' },
      );
    });
    assert.deepEqual([status, stdout], [0, 'file\n/no/such/file\nof the host\n'], stderr);
  });
}

test('copy-symlink: an equal symlink may exist, anything else is an error', options, (t) => {
  const bundle = withLinks(t);
  const copyTo = (destination: string) =>
    run(bundle, 'true', (spec) => {
      const mount = { source: bundle.source('link'), destination };
      spec.mounts.push({ ...mount, options: ['bind', 'copy-symlink'] });
    });
  symlinkSync('file', join(bundle.rootfs, 'mnt/same'));
  assert.equal(copyTo('/mnt/same').status, 0);
  for (const name of ['to-there', 'there']) {
    const { status, stderr } = copyTo(`/mnt/${name}`);
    assert.equal(status, 1);
    assert.match(
      stderr,
      new RegExp(`mounts\\[\\d\\]: .*/mnt/${name} is there.*no symlink to file`),
    );
  }
});

test('src-nofollow: the symlink itself is mounted', options, (t) => {
  const bundle = withLinks(t);
  const { status, stdout, stderr } = run(bundle, 'readlink /mnt/a; cat /mnt/b', (spec) => {
    const source = bundle.source('link');
    spec.mounts.push({ source, destination: '/mnt/a', options: ['bind', 'src-nofollow'] });
    spec.mounts.push({ source, destination: '/mnt/b', options: ['bind'] });
  });
  assert.deepEqual([status, stdout], [0, 'file\nof the host\n'], stderr);
});

test('dest-nofollow: the mount is on the symlink itself', options, (t) => {
  const bundle = withLinks(t);
  const script = 'cat /mnt/to-there /mnt/there; grep -o "/mnt/[^ ]*" /proc/self/mountinfo';
  const mountOn = (...more: string[]) =>
    run(bundle, script, (spec) => {
      const mount = { source: bundle.source('file'), destination: '/mnt/to-there' };
      spec.mounts.push({ ...mount, options: ['bind', ...more] });
    });
  assert.equal(mountOn().stdout, 'of the host\nof the host\n/mnt/there\n');
  const { status, stdout, stderr } = mountOn('dest-nofollow', 'ro');
  assert.deepEqual([status, stdout], [0, 'of the host\nof the container\n/mnt/to-there\n'], stderr);
});

test('dest-nofollow cannot be used to mount on /proc', options, (t) => {
  const bundle = withLinks(t);
  const { status, stderr } = run(bundle, 'true', (spec) => {
    const mount = { source: bundle.source('file'), destination: '/proc/self/exe' };
    spec.mounts.push({ ...mount, options: ['bind', 'dest-nofollow'] });
  });
  assert.equal(status, 1);
  assert.match(stderr, /mounts\[\d\]: .*\/proc/);
});
