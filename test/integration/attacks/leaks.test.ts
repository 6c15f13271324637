import assert from 'node:assert/strict';
import {
  closeSync,
  openSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';

const options = { skip: needsRoot };
/**
 * Numbers of davit's own fds, some of them directories of the host. Node's fds have lower numbers.
 */
const FDS = Array.from({ length: 10 }, (_, i) => i + 28);

/*
 * What the runtime holds of the host must not reach the container: fds, directories, its
 * executable, its environment and its state.
 */

test('a program starts with stdio as its only fds', options, (t) => {
  const look = ['sh', '-c', 'echo /proc/$$/fd/*'];
  const bundle = makeBundle(t, { args: look });
  // The caller leaks fds of its own into davit.
  const stdio = ['ignore' as const, 'pipe' as const, 'pipe' as const];
  const extra = [3, 4, 5].map(() => openSync('/etc/passwd', 'r'));
  const done = bundle.runtimeWith(
    { stdio: [...stdio, ...extra] },
    ...['run', '-b', bundle.dir, bundle.id],
  );
  assert.equal(done.status, 0, done.stderr);
  bundle.configure((spec) => {
    spec.process.args = ['sleep', '1000'];
  });
  bundle.runDetached();
  const execed = bundle.runtimeWith(
    { stdio: [...stdio, ...extra] },
    ...['exec', bundle.id, ...look],
  );
  for (const fd of extra) closeSync(fd);
  for (const { stdout } of [done, execed]) {
    // The 3 is the fd by which the shell reads the directory.
    assert.match(stdout.replaceAll(/\/proc\/\d+\/fd\//g, ''), /^0 1 2( 3)?\n$/);
  }
});

test("LISTEN_FDS hands over the caller's fds only, never davit's own", options, (t) => {
  const bundle = makeBundle(t, { args: ['sh', '-c', 'ls -l /proc/self/fd'] });
  const run = ['--root', bundle.root, 'run', '--bundle', bundle.dir, bundle.id];
  const script = 'export LISTEN_PID=$$ LISTEN_FDS=30; exec "$0" "$@"';
  const { status, stdout, stderr } = bundle.command('sh', '-c', script, bundle.binary, ...run);
  assert.notEqual(status, 0, stdout);
  assert.match(stderr, /LISTEN_FDS is 30, but fd 3 is not open/);
});

// CVE-2024-21626.
test('exec --cwd cannot use an fd of the host', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  for (const fd of FDS) {
    const { status, stdout, stderr } = bundle.runtime(
      'exec',
      '--cwd',
      `/proc/self/fd/${fd}`,
      bundle.id,
      'pwd',
    );
    assert.notEqual(status, 0, `fd ${fd}: ${stdout}`);
    assert.match(stderr, /process\.cwd/);
  }
});

test('exec --cwd cannot use an fd of the host through a symlink in the image', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  for (const fd of FDS) symlinkSync(`/proc/thread-self/fd/${fd}`, join(bundle.rootfs, `fd${fd}`));
  bundle.runDetached();
  for (const fd of FDS.filter((fd) => fd % 2)) {
    const { status } = bundle.runtime('exec', '--cwd', `/fd${fd}`, bundle.id, 'pwd');
    assert.notEqual(status, 0, `fd ${fd}`);
  }
});

test('process.cwd cannot use an fd of the host', options, (t) => {
  for (const cwd of [
    '/proc/self/fd/7',
    '/proc/self/cwd',
    '/proc/1/root/..',
    '/proc/self/fd/7/../..',
  ]) {
    const bundle = makeBundle(t, {
      args: ['pwd'],
      spec: (spec) => {
        spec.process.cwd = cwd;
      },
    });
    const { stdout } = bundle.run();
    assert.ok(stdout === '' || stdout === '/\n', `${cwd}: ${stdout}`);
  }
});

test('the working directory cannot be a directory that the caller left open', options, (t) => {
  const bundle = makeBundle(t, {
    args: ['ls', '../..'],
    spec: (spec) => {
      spec.process.cwd = '/cwd';
    },
  });
  symlinkSync('/proc/self/fd/9', join(bundle.rootfs, 'cwd'));
  const left = openSync(join(bundle.rootfs, 'mnt'), 'r');
  const stdio = [...Array(9).fill('ignore'), left];
  const done = bundle.runtimeWith({ stdio }, 'run', '-b', bundle.dir, bundle.id);
  bundle.configure((spec) => {
    spec.process.args = ['sleep', '1000'];
  });
  bundle.runDetached();
  const execed = bundle.runtimeWith(
    { stdio },
    ...['exec', '--cwd', '/proc/self/fd/9', bundle.id, 'ls', '../..'],
  );
  closeSync(left);
  for (const { status, stdout, stderr } of [done, execed]) {
    assert.notEqual(status, 0, stdout);
    // In exec's own procfs view, outside of the pid namespace, /proc/self does not exist.
    assert.match(stderr, /process\.cwd: .*(outside of container|ELOOP|ENOENT)/);
  }
});

// CVE-2019-5736.
test('the executable of init is a sealed memfd, not Node', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  assert.equal(bundle.create().status, 0);
  const executable = `/proc/${bundle.state().pid}/exe`;
  assert.match(readlinkSync(executable), /^\/memfd:davit/);
  const held = openSync(executable, 'r');
  try {
    assert.equal(bundle.start().status, 0);
    const writable = openSync(`/proc/self/fd/${held}`, 'r+');
    assert.throws(() => writeSync(writable, 'x'), { code: 'EPERM' });
    closeSync(writable);
  } finally {
    closeSync(held);
  }
});

test('a program named /proc/self/exe does not run Node', options, (t) => {
  for (const args of [
    ['/proc/self/exe', '--version'],
    ['/script', '--version'],
    ['/link', '-p', '1'],
  ]) {
    const bundle = makeBundle(t, { args });
    bundle.write('script', '#!/proc/self/exe --version\n', 0o755);
    symlinkSync('/proc/self/exe', join(bundle.rootfs, 'link'));
    const { status, stdout } = bundle.run();
    assert.notEqual(status, 0, `${args}`);
    assert.equal(stdout, '');
  }
});

test('an init that waits for start does not hold the caller’s environment', options, (t) => {
  const bundle = makeBundle(t, { args: ['sh', '-c', 'tr "\\0" "\\n" </proc/self/environ'] });
  const created = bundle.runtimeWith(
    { env: { SECRET: 'of the host' } },
    'create',
    '-b',
    bundle.dir,
    bundle.id,
  );
  assert.equal(created.status, 0, created.stderr);
  const { pid } = bundle.state();
  assert.equal(readFileSync(`/proc/${pid}/environ`, 'utf8'), '');
  assert.equal(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), `davit\0init\0${bundle.id}\0`);
  assert.ok(!readFileSync(`/proc/${pid}/maps`, 'utf8').includes('node'));
});

test(
  'a createContainer hook does not get the caller’s environment, because the container can read the hook’s memory',
  options,
  (t) => {
    const bundle = makeBundle(t);
    const out = join(bundle.dir, 'environment');
    bundle.configure((spec) => {
      const path = '/bin/sh';
      spec.hooks = { createContainer: [{ path, args: ['sh', '-c', `/usr/bin/env >${out}`] }] };
    });
    const env = { SECRET: 'of the host' };
    const done = bundle.runtimeWith({ env }, 'run', '-b', bundle.dir, bundle.id);
    assert.equal(done.status, 0, done.stderr);
    assert.match(readFileSync(out, 'utf8'), /^((TRACEPARENT|PWD|OLDPWD|SHLVL|_)=.*\n)+$/);
  },
);

test('values of exec --env are not stored in the trace', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const done = bundle.runtime(
    'exec',
    '--env',
    'SECRET=of the host',
    '-e=B=hidden',
    bundle.id,
    'env',
  );
  assert.match(done.stdout, /^SECRET=of the host$/m, done.stderr);
  const trace = readFileSync(join(bundle.traces, `${bundle.id}.jsonl`), 'utf8');
  assert.ok(trace.includes('SECRET=…'));
  assert.doesNotMatch(trace, /of the host|hidden/);
});

test('other users can neither read the state nor start the container', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  assert.equal(bundle.create().status, 0);
  const modeOf = (name: string): number =>
    statSync(join(bundle.root, bundle.id, name)).mode & 0o777;
  assert.equal(modeOf('state.json'), 0o600);
  assert.equal(modeOf('config.json'), 0o600);
  assert.equal(modeOf('notify.sock'), 0o600);
  assert.equal(modeOf('.') & 0o066, 0);
});
