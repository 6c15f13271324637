import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { type Bundle, makeBundle, needsContainers, needsRoot } from '../../support/bundle.ts';
import { DAVIT, type Result, runCommand } from '../../support/command.ts';
import { cgroupVersion } from '../../support/host/cgroup-files.ts';
import { builtFiles } from '../../support/run/build.ts';
import { writeRefuser } from '../../support/system-calls/refuse-calls.ts';

// These tests are about how davit starts without a server.
process.env.DAVIT_SERVER = '';

function scratch(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'front-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  chmodSync(directory, 0o755);
  return directory;
}

function expectVersion({ status, stdout, stderr }: Result): void {
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^davit version /);
}

function expectOneLine({ status, stdout, stderr }: Result, line: RegExp): void {
  assert.match(stderr, line);
  assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  assert.deepEqual([status, stdout], [1, '']);
}

test('davit runs through symlinks, from any directory', (t) => {
  const directory = scratch(t);
  symlinkSync(DAVIT, join(directory, 'davit'));
  symlinkSync('davit', join(directory, 'runc'));
  expectVersion(runCommand(join(directory, 'runc'), ['--version']));
  expectVersion(runCommand('./runc', ['--version'], { cwd: directory }));
  const sh = ['-c', 'runc --version'];
  expectVersion(runCommand('/bin/sh', sh, { cwd: '/', env: { PATH: directory } }));
});

test('davit is found by an empty entry of PATH, which means the working directory', () => {
  const sh = ['-c', '"$0" --version', basename(DAVIT)];
  for (const PATH of [`:${process.env.PATH}`, `${process.env.PATH}:`, '']) {
    expectVersion(runCommand('/bin/sh', sh, { cwd: dirname(DAVIT), env: { PATH } }));
  }
});

test('davit runs with an empty argv[0], without stdio, and without an environment', () => {
  expectVersion(runCommand('bash', ['-c', 'exec -a "" "$0" --version', DAVIT]));
  expectVersion(runCommand('env', ['-i', DAVIT, '--version']));
  const closed = runCommand('sh', ['-c', '"$0" --version <&- >&- 2>&-', DAVIT]);
  assert.equal(closed.status, 0);
});

test("one line if the environment leaves no room for Node's arguments", () => {
  // The largest environment that execve(2) takes from bash: a quarter of the stack.
  const davit = ['-c', 'ulimit -s 1024; exec "$0" --version', DAVIT];
  const attempt = (size: number): Result => {
    const env = { A: 'a'.repeat(100_000), B: 'b'.repeat(100_000), C: 'c'.repeat(size - 200_000) };
    const done = runCommand('bash', davit, { env });
    return done.status === 126 ? attempt(size - 100) : done;
  };
  expectOneLine(attempt(256 * 1024), /^davit: cannot start: its arguments .* too long \(E2BIG\)$/m);
});

test("the dynamic linker's variables do not reach Node", (t) => {
  const directory = scratch(t);
  // Node is linked with this library, a shell is not.
  writeFileSync(join(directory, 'libstdc++.so.6'), 'not a library');
  expectVersion(runCommand(DAVIT, ['--version'], { env: { LD_LIBRARY_PATH: directory } }));
});

for (const missing of ['main.js', 'loader.cjs']) {
  test(`one line names a missing ${missing}`, (t) => {
    const dist = copyOfBuild(scratch(t));
    const build = readdirSync(dist).find((name) => name.startsWith('build-'))!;
    rmSync(join(dist, build, missing));
    const done = runCommand(join(dist, 'davit'), ['--version']);
    expectOneLine(done, new RegExp(`^davit: cannot start: .*${missing}.*build or install`));
  });
}

/** Copies the build that `davit` starts, by hard links where possible. */
function copyOfBuild(to: string): string {
  const from = dirname(DAVIT);
  const name = basename(builtFiles());
  mkdirSync(join(to, name));
  const files = [
    'davit',
    'node',
    ...readdirSync(join(from, name)).map((file) => `${name}/${file}`),
  ];
  for (const file of files.filter((file) => existsSync(join(from, file)))) {
    try {
      linkSync(join(from, file), join(to, file));
    } catch {
      copyFileSync(join(from, file), join(to, file));
    }
  }
  return to;
}

/** Runs davit under a limit of bash's ulimit. */
const limited = (limit: string, ...args: string[]): Result =>
  runCommand('bash', ['-c', `${limit}; exec "$0" "$@"`, DAVIT, ...args]);

suite('one line names a limit below which Node would crash', () => {
  const tooLow: [limit: string, line: RegExp][] = [
    ...[0, 3, 8, 11, 12, 14, 16, 20, 31].map((files): [string, RegExp] => [
      `ulimit -Sn ${files}; ulimit -Hn ${files}`,
      new RegExp(`RLIMIT_NOFILE is ${files}: it takes at least 32 `),
    ]),
    ['ulimit -v 400000', /RLIMIT_AS is 400000 KiB: it takes at least \d+ KiB/],
    ['ulimit -v 1400000', /RLIMIT_AS is 1400000 KiB: it takes/],
    ['ulimit -d 400000', /RLIMIT_DATA is 400000 KiB: it takes/],
    ['ulimit -s 64', /RLIMIT_STACK is 64 KiB: it takes/],
  ];
  for (const [limit, line] of tooLow) {
    test(limit, () => expectOneLine(limited(limit, 'state', 'x'), line));
  }
  // davit runs with the limits that the messages ask for.
  for (const limit of ['-Sn 32; ulimit -Hn 32', '-v 1500000', '-d 1000000', '-s 256']) {
    test(`ulimit ${limit} is enough`, () => expectVersion(limited(`ulimit ${limit}`, '--version')));
  }
  test('ulimit -u 2', { skip: needsRoot }, () => {
    const user = ['--reuid', '54321', '--regid', '54321', '--clear-groups'];
    const sh = ['bash', '-c', 'ulimit -u 2; exec "$0" state x', DAVIT];
    expectOneLine(
      runCommand('setpriv', [...user, ...sh]),
      /^davit: cannot start: a process or thread cannot be made: .*RLIMIT_NPROC/,
    );
  });
});

test('the hint names an RLIMIT_NOFILE that is too low for a container, and nothing is left', {
  skip: needsContainers,
}, (t) => {
  const bundle = makeBundle(t);
  const run = ['--root', bundle.root, 'run', '--bundle', bundle.dir, bundle.id];
  // Each limit fails at another stage, and the undoing needs fds as well.
  for (let limit = 32; limit < 36; limit++) {
    const { status, stderr } = limited(`ulimit -Sn ${limit}; ulimit -Hn ${limit}`, ...run);
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^davit: run \S+: [^;]*EMFILE: too many open files.* \(hint: RLIMIT_NOFILE,.*\n$/,
    );
    bundle.expectNothingLeft();
  }
});

suite('one line for a seccomp filter around davit, or a missing /proc', () => {
  const skip = needsRoot || (process.arch !== 'x64' && 'the filter is of x86-64');
  for (const [call, line] of [
    ['clone3', /^davit: cannot start: clone3 is refused/],
    ['prlimit64', /^davit: cannot start: prlimit64 is refused/],
  ] as const) {
    test(`${call} refused with EPERM`, { skip }, (t) => {
      const refuser = writeRefuser(join(scratch(t), 'refuser'), [{ name: call }], 'EPERM');
      expectOneLine(runCommand(refuser, [DAVIT, 'state', 'x']), line);
    });
  }
  test('no /proc', { skip: needsRoot }, () => {
    const sh = ['-c', 'umount --lazy /proc; exec "$0" state x', DAVIT];
    const without = runCommand('unshare', ['--mount', 'sh', ...sh]);
    expectOneLine(
      without,
      /^davit: cannot start: \/proc\/self\/exe cannot be read: mount \/proc$/m,
    );
  });
});

suite("davit's own cgroup is at its pids.max", () => {
  for (const pids of [1, 2]) {
    test(`${pids}: each command prints one line`, { skip: needsRoot }, (t) => {
      const cgroup = pidsCgroup(t, pids);
      if (!cgroup) return;
      for (const command of ['state', 'kill', 'delete']) {
        const done = within(cgroup, DAVIT, command, 'x');
        expectOneLine(done, /^davit: cannot start: a process or thread .*pids\.max/);
      }
    });
  }
  test('3: state, start, kill and delete work; create and exec name the limit', {
    skip: needsRoot,
  }, (t) => {
    const cgroup = pidsCgroup(t, 3);
    if (!cgroup) return;
    const bundle = makeBundle(t, { args: ['sleep', '60'] });
    const davit = (...args: string[]) => within(cgroup, DAVIT, '--root', bundle.root, ...args);
    const full =
      /^davit: \w+ \S+: fork\w+: clone3.*EAGAIN.* \(hint: .*RLIMIT_NPROC .*pids\.max.*\n$/;
    assert.match(davit('create', '--bundle', bundle.dir, bundle.id).stderr, full);
    assert.equal(bundle.create().status, 0);
    assert.equal(davit('start', bundle.id).stderr, '');
    assert.match(davit('state', bundle.id).stdout, /"running"/);
    assert.match(davit('exec', bundle.id, 'true').stderr, full);
    assert.equal(davit('kill', bundle.id, 'KILL').stderr, '');
    expectGone(bundle, davit);
  });
});

function expectGone(bundle: Bundle, davit: (...args: string[]) => Result): void {
  assert.equal(davit('delete', '--force', bundle.id).stderr, '');
  bundle.expectNothingLeft();
}

/**
 * Makes a cgroup with this pids.max, if the machine has the controller. The cgroup is removed after
 * the test.
 */
function pidsCgroup(t: TestContext, max: number): string | undefined {
  const top = cgroupVersion === 2 ? '/sys/fs/cgroup' : '/sys/fs/cgroup/pids';
  const directory = `${top}/${basename(tmpdir())}-pids-${max}`;
  mkdirSync(directory);
  t.after(() => rmdirSync(directory));
  if (existsSync(`${directory}/pids.max`)) {
    writeFileSync(`${directory}/pids.max`, String(max));
    return directory;
  }
  t.skip('needs the pids controller');
  return undefined;
}

const within = (cgroup: string, ...command: string[]): Result =>
  runCommand('sh', ['-c', 'echo $$ > "$0/cgroup.procs"; exec "$@"', cgroup, ...command]);
