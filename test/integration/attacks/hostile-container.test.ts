import assert from 'node:assert/strict';
import { existsSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { giveCapabilities } from '../../support/attacker.ts';
import { type Bundle, makeBundle, needsRoot } from '../../support/bundle.ts';
import { patience } from '../../support/patience.ts';
import { ConsoleReceiver } from '../../support/terminal.ts';

const options = { skip: needsRoot };

/*
 * The container has changed its /proc, /dev or /etc before `exec` enters it. exec must neither hang
 * nor trust these files.
 */

/**
 * Starts a container whose first program has all capabilities, and waits until it has run `script`.
 */
function hostile(t: TestContext, script: string): Bundle {
  const bundle = makeBundle(t, {
    args: ['sh', '-c', `${script}\nmkdir /tmp/done; exec sleep 1000`],
    spec: (spec) => {
      giveCapabilities(spec);
      spec.root.readonly = false;
      spec.linux.readonlyPaths = [];
    },
  });
  bundle.runDetached();
  for (let i = 0; i < patience(100) && !existsSync(join(bundle.rootfs, 'tmp/done')); i++) {
    bundle.command('sleep', '0.05');
  }
  return bundle;
}

function assertRuns(bundle: Bundle, ...flags: string[]): void {
  const { status, stdout, stderr } = bundle.runtimeWith(
    { timeout: 30_000 },
    ...['exec', ...flags, bundle.id, '/bin/echo', 'ran'],
  );
  assert.deepEqual([status, stdout], [0, 'ran\n'], stderr);
}

test('/proc is a tmpfs with forged files', options, (t) => {
  const bundle = hostile(
    t,
    `mount -t tmpfs fake /proc
     mkdir -p /proc/self/fd /proc/self/attr /proc/thread-self/attr /proc/sys/kernel
     echo deny >/proc/self/setgroups; echo 0 1000 1 >/proc/self/uid_map
     touch /proc/self/attr/exec /proc/self/oom_score_adj`,
  );
  const done = bundle.runtime('exec', '-g', '77', '-u', '5:6', bundle.id, 'id');
  assert.match(done.stdout, /^uid=5 gid=6 groups=(6,)?77/, done.stderr);
});

test('/proc is a bind mount of a procfs with parts covered', options, (t) => {
  const bundle = hostile(
    t,
    'mount -t tmpfs x /proc/sys; mount --bind /proc/1/ns /proc/1/fd; mount --bind /proc/1 /proc',
  );
  assertRuns(bundle);
});

test('/etc/passwd is a FIFO, endless, huge, a directory, or a link to itself', options, (t) => {
  const makings: Record<string, (path: string, bundle: Bundle) => void> = {
    fifo: (path, bundle) => void bundle.command('mkfifo', path),
    zero: (path, bundle) => void bundle.command('mknod', path, 'c', '1', '5'),
    huge: (path, bundle) => {
      bundle.write('etc/passwd', '');
      truncateSync(path, 2 ** 40);
    },
    directory: (path, bundle) => void bundle.command('mkdir', path),
    NUL: (path) => writeFileSync(path, 'root:x:0:0:root:/a\0b:/bin/sh\n'),
    loop: (path) => symlinkSync('passwd', path),
    'link outward': (path, bundle) => symlinkSync(`../../../${bundle.dir}/passwd`, path),
    'magic link': (path) => symlinkSync('/proc/self/fd/0', path),
  };
  const bundle = hostile(t, '');
  writeFileSync(join(bundle.dir, 'passwd'), 'root:x:0:0:root:/outside:/bin/sh\n');
  for (const [name, make] of Object.entries(makings)) {
    const path = join(bundle.rootfs, 'etc/passwd');
    rmSync(path, { recursive: true, force: true });
    make(path, bundle);
    const printed = bundle.exec('sh', '-c', 'echo $HOME');
    assert.equal(printed.stdout, '/\n', `${name}: ${printed.stderr}`);
  }
});

test('/dev/null and the terminals are replaced by FIFOs', options, (t) => {
  const bundle = hostile(
    t,
    'umount /dev/pts; mount -t tmpfs x /dev/pts; mkfifo /dev/pts/ptmx; rm /dev/null; mkfifo /dev/null; mkfifo /dev/tty2',
  );
  assertRuns(bundle);
  const receiver = new ConsoleReceiver(t, join(bundle.dir, 'socket'));
  const { status, stderr } = bundle.runtimeWith(
    { timeout: 30_000 },
    ...['exec', '-t', '-d', '--console-socket', receiver.path, bundle.id, 'true'],
  );
  assert.notEqual(status, 0);
  assert.match(stderr, /ptmx is not on a devpts/);
});

test(
  'the program found in PATH is a FIFO, a directory or a link to /proc/self/exe',
  options,
  (t) => {
    const bundle = hostile(
      t,
      'mkdir -p /usr/bin/dir; mkfifo /usr/bin/fifo; chmod 755 /usr/bin/fifo; ln -s /proc/self/exe /usr/bin/self',
    );
    for (const name of ['dir', 'fifo', 'self']) {
      const { status } = bundle.runtimeWith(
        { timeout: 30_000 },
        'exec',
        bundle.id,
        name,
        '--version',
      );
      assert.ok(status !== 0 && status !== null, name);
    }
  },
);

test('the working directory is removed, or replaced by a file', options, (t) => {
  const bundle = hostile(t, 'mkdir /gone /file; cd /gone; rmdir /gone /file; touch /file');
  for (const cwd of ['/gone', '/file', '/proc/1/cwd']) {
    const { status, stderr } = bundle.runtime('exec', '--cwd', cwd, bundle.id, 'pwd');
    assert.notEqual(status, 0, cwd);
    assert.match(stderr, /process\.cwd/);
  }
});

test(
  'the container kills every process that joins it: exec reports that, and does not hang',
  options,
  (t) => {
    const bundle = makeBundle(t, {
      args: ['sh', '-c', 'all=$(seq 2 400); while :; do kill -9 $all 2>/dev/null; done'],
      spec: (spec) => giveCapabilities(spec),
    });
    bundle.runDetached();
    for (let i = 0; i < 6; i++) {
      const { status, stderr } = bundle.runtimeWith({ timeout: 10_000 }, 'exec', bundle.id, 'true');
      assert.notEqual(status, null, 'exec hangs');
      assert.match(stderr, /^$|ended (before its first stage|unexpectedly)|killed/);
    }
  },
);

test('an init that waits for start and is stopped can be continued or deleted', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  assert.equal(bundle.create().status, 0);
  const { pid } = bundle.state();
  process.kill(pid, 'SIGSTOP');
  assert.equal(bundle.state().status, 'created');
  process.kill(pid, 'SIGCONT');
  assert.equal(bundle.start().status, 0);
  process.kill(pid, 'SIGSTOP');
  assert.equal(bundle.runtime('delete', '--force', bundle.id).status, 0);
});
