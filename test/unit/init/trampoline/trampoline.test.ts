import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  buildTrampoline,
  type Trampoline,
} from '../../../../src/init/trampoline/build-trampoline.ts';
import { hostArch, type MachineArch } from '../../../../src/machine/assembler.ts';
import { memfdCreateExecutable, sealForEver } from '../../../../src/syscalls/files/memfd.ts';
import { needsRoot } from '../../../support/bundle.ts';
import { runChild, statusFields } from '../../process/child.ts';

const { ENOENT, EACCES, ENOEXEC, EPERM } = constants.errno;
let directory: string;

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'davit-trampoline-'));
});
after(() => rmSync(directory, { recursive: true }));

const IMPORTS = `
  import { buildTrampoline, PREVIOUS_RESULT } from './src/init/trampoline/build-trampoline.ts';
  import { execTrampoline } from './src/init/trampoline/exec-trampoline.ts';
  import { inheritFds } from './src/init/trampoline/inherit-fds.ts';
  import { lastCalls } from './src/init/trampoline/last-calls.ts';
  import { blockSignals } from './src/syscalls/signal/signals.ts';
  import { openPrivateProcfs } from './src/rootfs/procfs.ts';
  import { sockFprog, cString } from './src/init/trampoline/blob.ts';
  import { readFileSync } from 'node:fs';
`;

/** Runs the given calls in a trampoline and then executes `exec`. fd 3 gets the reports. */
function become(exec: Trampoline['exec'], calls = '[]', before = ''): string {
  const file = join(directory, 'exec.json');
  writeFileSync(file, JSON.stringify(exec));
  return `${IMPORTS}
    ${before}
    const exec = JSON.parse(readFileSync('${file}', 'utf8'));
    const image = buildTrampoline({
      calls: [{ syscall: 'fcntl', arguments: [3, 2, 1] }, ...${calls}], exec, reportFd: 3 });
    inheritFds({ procfs: openPrivateProcfs(), preserveFds: 0, keptFds: [3] });
    execTrampoline(image);`;
}

const run = (exec: Trampoline['exec'], calls?: string, before?: string) =>
  runChild(become(exec, calls, before), { extraStdio: ['pipe'] });

const failureOf = (report: Buffer | null | undefined) =>
  report?.length ? { call: report.readInt32LE(0), errno: report.readInt32LE(4) } : undefined;

test('the program gets its argv and environment byte for byte, and its exit status is returned', () => {
  const argv = ['sh', '-c', 'printf "%s|" "$0" "$@" "$A" "$B"; exit 7', '', 'é\n\x01\t"\'', '日本'];
  const result = run({ path: '/bin/sh', argv, env: ['A=\x7f=x=', 'B=ü\n'] });
  assert.equal(result.stdout, '|é\n\x01\t"\'|日本|\x7f=x=|ü\n|');
  assert.equal(result.status, 7);
  assert.equal(result.output[3]?.length, 0, 'the report fd was closed without a word');
});

test('an environment of 100 KB and an empty one', () => {
  const env = Array.from({ length: 100 }, (_, i) => `V${i}=${'x'.repeat(1020)}`);
  assert.equal(run({ path: '/usr/bin/env', argv: ['env'], env }).stdout, `${env.join('\n')}\n`);
  assert.equal(run({ path: '/usr/bin/env', argv: ['env'], env: [] }).stdout, '');
});

test('a program that cannot be executed is reported with index and errno', () => {
  const plain = join(directory, 'plain');
  writeFileSync(plain, 'no program');
  chmodSync(plain, 0o755);
  for (const [path, errno] of [
    [join(directory, 'absent'), ENOENT],
    ['/etc/passwd', EACCES],
    [plain, ENOEXEC],
  ] as const) {
    const result = run({ path, argv: [path], env: [] });
    assert.deepEqual(failureOf(result.output[3]), { call: 1, errno }, path);
    assert.equal(result.status, 1);
  }
});

/**
 * A trampoline for a missing program. A file stands for the runtime: it holds the answer after the
 * report.
 */
function explained(arch: MachineArch, run: (image: string, fd: number) => { stderr: string }) {
  const image = join(directory, 'explained');
  const exec = { path: '/nonexistent', argv: ['x'], env: [] };
  const trampoline = buildTrampoline({ calls: [], exec, reportFd: 3, answerFd: 3, arch });
  writeFileSync(image, trampoline, { mode: 0o755 });
  return ['', '{"type":"turn"}', 'why, in one line\n', 'x'.repeat(3000)].map((answer) => {
    const file = join(directory, 'runtime');
    writeFileSync(file, `12345678${answer}`);
    const fd = openSync(file, 'r+');
    const { stderr } = run(image, fd);
    closeSync(fd);
    return [stderr, failureOf(readFileSync(file))];
  });
}

const EXPLAINED = ['', '', 'why, in one line\n', 'x'.repeat(2048)].map((text) => [
  text,
  { call: 0, errno: ENOENT },
]);

test('the answer to the report of a missing program is written to stderr', () => {
  const run = (image: string, fd: number) =>
    spawnSync(image, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe', fd] });
  assert.deepEqual(explained(hostArch(), run), EXPLAINED);
});

test('the first failing call ends the trampoline, unless its errno is tolerated', () => {
  const exec = { path: '/bin/true', argv: ['true'], env: [] };
  const close = `{ syscall: 'close', arguments: [999] }`;
  const failed = run(exec, `[${close}, { syscall: 'close', arguments: [998] }]`);
  assert.deepEqual(failureOf(failed.output[3]), { call: 1, errno: constants.errno.EBADF });
  const tolerant = run(exec, `[{ ...${close}, tolerated: ${constants.errno.EBADF} }]`);
  assert.deepEqual([tolerant.status, tolerant.output[3]?.length], [0, 0]);
});

test('a call can use the result of the previous one, and report it', () => {
  const file = join(directory, 'written');
  const result = run(
    { path: '/bin/true', argv: ['true'], env: [] },
    `[{ syscall: 'openat', arguments: [-100, cString('${file}'), 0o102101, 0o600], report: true },
      { syscall: 'write', arguments: [PREVIOUS_RESULT, { bytes: Buffer.from('hello') }, 5] }]`,
  );
  const report = failureOf(result.output[3]);
  assert.equal(report?.call, 1);
  assert.ok(report.errno < 0, 'a result is reported negated');
  assert.equal(readFileSync(file, 'utf8'), 'hello');
});

// Writes x and closes fd 50. After a success it jumps back; the second time fd 50 is closed
// already.
const TWICE: Trampoline['calls'] = [
  { syscall: 'dup3', arguments: [1, 50, 0] },
  { syscall: 'write', arguments: [1, { bytes: Buffer.from('x') }, 1] },
  { syscall: 'close', arguments: [50], whenZero: -1, tolerated: constants.errno.EBADF },
];
const EXITS: Trampoline['calls'] = [{ syscall: 'fcntl', arguments: [1, 1], whenZero: 'exit' }];

test('a call that returns 0 can jump back, or to the end', () => {
  const echo = { path: '/bin/echo', argv: ['echo', 'y'], env: [] };
  const inChild = (calls: Trampoline['calls']) =>
    JSON.stringify(calls, (_, value) =>
      value?.type === 'Buffer' ? { $: value.data } : value,
    ).replaceAll(/\{"\$":(\[[\d,]+\])\}/g, 'Buffer.from($1)');
  assert.equal(run(echo, inChild(TWICE)).stdout, 'xxy\n');
  const ended = run(echo, inChild(EXITS));
  assert.deepEqual([ended.stdout, ended.status, ended.output[3]?.length], ['', 1, 0]);
});

// The child echoes. Its parent reports the child's pid and exits with another status.
const FORKS: Trampoline['calls'] = [
  { syscall: 'clone', arguments: [constants.signals.SIGCHLD], report: true, whenZero: 2 },
  { syscall: 'exit_group', arguments: [9] },
];

test('after a call that forks, the child continues and the result is reported', () => {
  const result = run({ path: '/bin/echo', argv: ['echo', 'y'], env: [] }, JSON.stringify(FORKS));
  const report = failureOf(result.output[3]);
  assert.deepEqual([result.stdout, result.status, report?.call], ['y\n', 9, 1]);
  assert.ok(report!.errno < 0, 'the pid is reported negated');
});

test('a report has the call’s given name', () => {
  const image = `
    const image = buildTrampoline({ calls: [{ syscall: 'close', arguments: [999], index: -7 }],
      exec: { path: '/bin/true', argv: [], env: [] }, reportFd: 3 });`;
  const result = runChild(
    `${IMPORTS} ${image}
    inheritFds({ procfs: openPrivateProcfs(), preserveFds: 0, keptFds: [3] });
    execTrampoline(image);`,
    { extraStdio: ['pipe'] },
  );
  assert.deepEqual(failureOf(result.output[3]), { call: -7, errno: constants.errno.EBADF });
});

test('the program inherits no signal settings and no fds of Node', () => {
  // With all signals blocked, as in init.
  const before = `
    blockSignals();
    process.on('SIGUSR2', () => {});
    const calls = lastCalls({ process: { user: {}, cwd: '/' }, reportFd: 3, procfs: -1,
      nofileLimit: { soft: 512n, hard: 1024n } });`;
  const cat = { path: '/bin/cat', argv: ['cat', '/proc/self/status'], env: [] };
  const result = run(cat, 'calls', before);
  const status = statusFields(result.stdout.split('\n'));
  for (const mask of ['SigBlk', 'SigIgn', 'SigCgt']) {
    assert.equal(status[mask], '0000000000000000', mask);
  }
  const fds = run({ path: '/bin/ls', argv: ['ls', '/proc/self/fd'], env: [] });
  // ls opens fd 3 for the directory.
  assert.deepEqual(fds.stdout.trim().split('\n'), ['0', '1', '2', '3']);
});

test('without close_range the fds are made close-on-exec one by one', { skip: needsRoot }, () => {
  // A filter that answers close_range with ENOSYS: load the number, compare with 436, return.
  const filter = `
    import { assemble, load, jumpEqual, returns } from './src/seccomp/bpf.ts';
    import { seccompSetFilter } from './src/syscalls/rights/seccomp-filter.ts';
    seccompSetFilter(assemble([
      load(0), jumpEqual(436, 0, 1), returns(0x00050000 | 38), returns(0x7fff0000)]), 0);`;
  const fds = run({ path: '/bin/ls', argv: ['ls', '/proc/self/fd'], env: [] }, '[]', filter);
  assert.deepEqual(fds.stdout.trim().split('\n'), ['0', '1', '2', '3']);
});

test('a #! line with /proc/self/exe executes the trampoline, not Node', () => {
  const script = join(directory, 'script');
  writeFileSync(script, '#!/proc/self/exe\n');
  chmodSync(script, 0o755);
  // O_CREAT|O_EXCL succeeds once: its failure the second time shows who is running.
  const once = `[
    { syscall: 'fcntl', arguments: [3, 2, 0] },
    { syscall: 'openat', arguments: [-100, cString('${directory}/once'), 0o300, 0] }]`;
  const result = run({ path: script, argv: [script], env: [] }, once);
  assert.deepEqual(failureOf(result.output[3]), { call: 2, errno: constants.errno.EEXIST });
});

test('the trampoline cannot be opened for writing while it runs, nor afterwards', () => {
  const open = `[{ syscall: 'openat', arguments: [-100, cString('/proc/self/exe'), 2, 0] }]`;
  const running = run({ path: '/bin/true', argv: ['true'], env: [] }, open);
  assert.deepEqual(failureOf(running.output[3]), { call: 1, errno: constants.errno.ETXTBSY });
  const fd = memfdCreateExecutable('test');
  writeSync(fd, 'image');
  sealForEver(fd);
  assert.throws(() => writeSync(fd, 'x'), { code: 'EPERM' });
  assert.throws(() => ftruncateSync(fd, 0), { code: 'EPERM' });
  closeSync(fd);
});

test('a filter that the trampoline installs must allow it only execve', () => {
  // The calls of busybox true and the dynamic loader, found with strace. All other calls kill.
  const busybox = '/bin/busybox';
  const strace = spawnSync('strace', ['-f', '-o', join(directory, 'trace'), busybox, 'true']);
  if (strace.error) throw strace.error;
  const calls = new Set(
    [...readFileSync(join(directory, 'trace'), 'utf8').matchAll(/(?:^|\s)(\w+)\(/gm)].map(
      ([, name]) => name!,
    ),
  );
  assert.ok(calls.has('execve') && !calls.has('write'));
  const profile = {
    defaultAction: 'SCMP_ACT_KILL_PROCESS',
    syscalls: [{ names: [...calls], action: 'SCMP_ACT_ALLOW' }],
  };
  const compile = `
    import { compileSeccomp } from './src/seccomp/compile.ts';
    const { program, flags } = compileSeccomp(${JSON.stringify(profile)});`;
  const install = `[
    { syscall: 'prctl', arguments: [38, 1, 0, 0, 0] },
    { syscall: 'seccomp', arguments: [1, flags, sockFprog(program)] }]`;
  const ok = run({ path: busybox, argv: ['true'], env: [] }, install, compile);
  assert.deepEqual([ok.status, ok.signal, ok.output[3]?.length], [0, null, 0]);
  const killed = run(
    { path: busybox, argv: ['mkdir', join(directory, 'no')], env: [] },
    install,
    compile,
  );
  assert.equal(killed.signal, 'SIGSYS');
});

test('strings with a NUL byte are refused', () => {
  assert.throws(
    () =>
      buildTrampoline({ calls: [], exec: { path: '/a', argv: ['a\0b'], env: [] }, reportFd: 2 }),
    /contains a NUL/,
  );
});

const noStrace = spawnSync('strace', ['-V']).error && 'strace is not installed';

test('a failure is reported again if the kernel had no room', { skip: noStrace }, () => {
  const image = join(directory, 'strace-image');
  const nothing = { path: '/nonexistent', argv: ['x'], env: [] };
  const reportAnd = (calls: Trampoline['calls'], when: string) => {
    writeFileSync(image, buildTrampoline({ calls, exec: nothing, reportFd: 3 }), { mode: 0o755 });
    const inject = `inject=write:error=ENOBUFS:when=${when}`;
    const args = ['-qq', '-o', '/dev/null', '-e', inject, image];
    const { output, status } = spawnSync('strace', args, {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    const reports = output[3] as unknown as Buffer;
    return { status, call: reports.readInt32LE(0), errno: reports.readInt32LE(4) };
  };
  const absent = { status: 1, call: 0, errno: ENOENT };
  assert.deepEqual(reportAnd([], '1..3'), absent);
  // A result that cannot be reported counts as a failure of its call.
  const told: Trampoline['calls'] = [{ syscall: 'fcntl', arguments: [3, 3], report: true }];
  const unheard = { status: 1, call: 0, errno: constants.errno.ENOBUFS };
  assert.deepEqual(reportAnd(told, '1'), unheard);
});

const QEMU = ['qemu-aarch64-static', 'qemu-aarch64'].find(
  (name) => spawnSync(name, ['--version']).error === undefined,
);

test('the arm64 image runs', { skip: !QEMU && 'qemu-aarch64 is not installed' }, () => {
  const image = join(directory, 'arm64');
  const build = (exec: Trampoline['exec'], calls: Trampoline['calls'] = []): void => {
    writeFileSync(image, buildTrampoline({ calls, exec, reportFd: 3, arch: 'arm64' }));
    chmodSync(image, 0o755);
  };
  const emulate = () =>
    spawnSync(QEMU!, [image], { encoding: 'buffer', stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });

  build({ path: '/bin/echo', argv: ['echo', 'hé', 'x'], env: [] });
  assert.equal(emulate().stdout.toString(), 'hé x\n');
  build({ path: '/bin/echo', argv: ['echo', 'y'], env: [] }, TWICE);
  assert.equal(emulate().stdout.toString(), 'xxy\n');
  build({ path: '/bin/echo', argv: ['echo', 'y'], env: [] }, EXITS);
  const ended = emulate();
  assert.deepEqual([ended.stdout.toString(), ended.status], ['', 1]);
  build({ path: '/bin/echo', argv: ['echo', 'y'], env: [] }, FORKS);
  const forked = emulate();
  assert.deepEqual([forked.stdout.toString(), forked.status], ['y\n', 9]);
  assert.ok((forked.output[3] as unknown as Buffer).readInt32LE(4) < 0);
  build({ path: '/nonexistent', argv: ['x'], env: [] });
  const absent = emulate();
  assert.deepEqual(failureOf(absent.output[3] as unknown as Buffer), { call: 0, errno: ENOENT });
  assert.equal(absent.status, 1);
  build({ path: '/bin/true', argv: ['true'], env: [] }, [
    { syscall: 'close', arguments: [999], tolerated: EPERM },
  ]);
  assert.deepEqual(failureOf(emulate().output[3] as unknown as Buffer), { call: 0, errno: 9 });
  build({ path: '/bin/true', argv: ['true'], env: [] }, [
    { syscall: 'close', arguments: [999], tolerated: 9 },
    { syscall: 'fcntl', arguments: [2, 3], report: true },
  ]);
  const reported = emulate();
  assert.equal(reported.status, 0);
  assert.equal((reported.output[3] as unknown as Buffer).readInt32LE(0), 1);
  const run = (path: string, fd: number) =>
    spawnSync(QEMU!, [path], { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe', fd] });
  assert.deepEqual(explained('arm64', run), EXPLAINED);
});
