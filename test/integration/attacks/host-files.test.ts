import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';

const options = { skip: needsRoot };

/*
 * Files that davit, as root, opens on the host in places that other users control: a directory that
 * others may write to, and the files of an image.
 */

test('--pid-file does not write through a symlink, but replaces it', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  const [precious, open] = ['precious', 'open'].map((name) => join(bundle.dir, name));
  writeFileSync(precious!, 'of the host');
  mkdirSync(open!, { mode: 0o1777 });
  const pidFile = join(open!, 'pid');
  const plant = () => symlinkSync(precious!, join(open!, '.pid'));
  plant();
  symlinkSync(precious!, pidFile);
  bundle.runDetached('--pid-file', pidFile);
  assert.equal(readFileSync(pidFile, 'utf8'), `${bundle.state().pid}`);
  plant();
  const execed = bundle.runtime('exec', '-d', '--pid-file', pidFile, bundle.id, 'sleep', '1000');
  assert.equal(execed.status, 0, execed.stderr);
  assert.match(readFileSync(pidFile, 'utf8'), /^\d+$/);
  assert.equal(readFileSync(precious!, 'utf8'), 'of the host');
});

test('davit opens no device or FIFO of the image to explain a failed exec', options, (t) => {
  const bundle = makeBundle(t, {
    args: ['program'],
    spec: (spec) => {
      spec.process.env = ['PATH=/a:/b'];
    },
  });
  bundle.write('b/program', '#!/missing\n', 0o755);
  mkdirSync(join(bundle.rootfs, 'a'));
  const fifo = join(bundle.rootfs, 'a/program');
  assert.equal(bundle.command('mkfifo', fifo).status, 0);
  const opened = join(bundle.dir, 'opened');
  // The shell goes on only if something opens the FIFO for reading.
  const writer = spawn('sh', ['-c', ': >"$0"; : >"$1"', fifo, opened], { stdio: 'ignore' });
  try {
    const { stderr } = bundle.run();
    assert.match(stderr, /its interpreter "\/missing" is not in the container/);
    bundle.command('sleep', '0.1');
    assert.ok(!existsSync(opened), 'the FIFO was opened');
  } finally {
    writer.kill('SIGKILL');
  }
});

test(
  'an annotation sends the output of hooks to a FIFO: an error, and davit does not hang',
  options,
  (t) => {
    const bundle = makeBundle(t);
    const fifo = join(bundle.dir, 'fifo');
    bundle.command('mkfifo', fifo);
    bundle.configure((spec) => {
      spec.annotations = { 'run.oci.hooks.stdout': fifo };
      spec.hooks = { createRuntime: [{ path: '/bin/true' }] };
    });
    const { status, stderr } = bundle.run();
    assert.equal(status, 1);
    assert.match(stderr, /hooks\.stdout.*ENXIO/);
  },
);

test(
  "files of the caller as stdio: the container's user does not own them and cannot reopen them for writing",
  options,
  (t) => {
    const tries = 'echo written >/proc/self/fd/0; echo refused; echo written >>/proc/self/fd/1';
    const bundle = makeBundle(t, {
      args: ['sh', '-c', tries],
      spec: (spec) => {
        spec.process.user = { uid: 1000, gid: 1000 };
      },
    });
    const files = ['in', 'out'].map((name) => join(bundle.dir, name));
    for (const file of files) writeFileSync(file, 'of the host\n');
    const [read, write] = [openSync(files[0]!, 'r'), openSync(files[1]!, 'w')];
    const stdio = [read, write, 'pipe' as const];
    const run = ['--root', bundle.root, 'run', '--bundle', bundle.dir, bundle.id];
    const { stderr } = spawnSync(bundle.binary, run, { stdio, encoding: 'utf8' });
    assert.deepEqual(stderr.match(/permission denied/gi)?.length, 2, stderr);
    assert.deepEqual(
      [read, write].map((fd) => fstatSync(fd).uid),
      [0, 0],
    );
    assert.equal(readFileSync(files[0]!, 'utf8'), 'of the host\n');
    assert.equal(readFileSync(files[1]!, 'utf8'), 'refused\n');
  },
);

test(
  'an existing --root keeps its mode; one that other users may write to is refused',
  options,
  (t) => {
    const bundle = makeBundle(t);
    mkdirSync(bundle.root);
    for (const mode of [0o755, 0o700, 0o1777]) {
      chmodSync(bundle.root, mode);
      assert.equal(bundle.create().status, 0);
      assert.equal(statSync(bundle.root).mode & 0o7777, mode);
      assert.equal(statSync(join(bundle.root, bundle.id)).mode & 0o7777, 0o711);
      assert.equal(bundle.runtime('delete', '--force', bundle.id).status, 0);
    }
    chmodSync(bundle.root, 0o757);
    const { status, stderr } = bundle.create();
    assert.equal(status, 1);
    assert.match(stderr, /--root \S+ is writable for users other than its owner .*chmod go-w/);
    bundle.expectNothingLeft();
  },
);

test(
  'a trace is not stored in a file of another user, or in a file with a second hard link',
  options,
  (t) => {
    const bundle = makeBundle(t);
    mkdirSync(bundle.traces);
    chmodSync(bundle.traces, 0o777);
    const file = join(bundle.traces, `${bundle.id}.jsonl`);
    writeFileSync(file, '');
    chownSync(file, 4321, 4321);
    const debug = () => bundle.runtime('--debug', 'run', '--bundle', bundle.dir, bundle.id).stderr;
    assert.match(debug(), /trace not stored: .*jsonl belongs to uid 4321/);
    assert.equal(readFileSync(file, 'utf8'), '');
    chownSync(file, 0, 0);
    linkSync(file, join(bundle.dir, 'another'));
    assert.match(debug(), /trace not stored: .*jsonl has a second hard link/);
    assert.equal(readFileSync(file, 'utf8'), '');
  },
);
