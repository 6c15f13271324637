import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Seccomp } from '../../../src/config/types.ts';
import { compileSeccomp } from '../../../src/seccomp/compile.ts';
import { flagSupported } from '../../../src/seccomp/flags.ts';
import { needsRoot } from '../../support/bundle.ts';
import { linesOf, runChild } from '../process/child.ts';

const options = { skip: needsRoot };

let directory: string;

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'davit-seccomp-'));
});
after(() => rmSync(directory, { recursive: true }));

/** Installs the profile and prints the result of each attempt: `ok` or an errno's name. */
function attempts(profile: Seccomp, ...calls: string[]): string[] {
  const file = join(directory, 'profile.json');
  writeFileSync(file, JSON.stringify(profile));
  return linesOf(`
    import { mkdirSync, readFileSync, readSync, writeSync } from 'node:fs';
    import { compileSeccomp } from './src/seccomp/compile.ts';
    import { seccompSetFilter } from './src/syscalls/rights/seccomp-filter.ts';
    import { koffi, libc } from './src/syscalls/ffi/koffi.ts';
    import { syscallError } from './src/syscalls/ffi/libc.ts';
    import { exitNow } from './src/syscalls/task/process.ts';
    import { personality } from './src/syscalls/task/personality.ts';
    const syscall = (number, ...args) => {
      const call = libc().func('syscall', 'long', ['long', ...args.map(() => 'int64_t')]);
      if (Number(call(number, ...args)) === -1) throw syscallError(koffi().errno(), 'call');
    };
    const attempt = (action) => {
      try { action(); return 'ok'; } catch (error) { return error.code; }
    };
    const calls = [${calls.map((call) => `() => ${call}`)}];
    const { program, flags } = compileSeccomp(JSON.parse(readFileSync('${file}', 'utf8')));
    seccompSetFilter(program, flags);
    writeSync(1, calls.map(attempt).join('\\n') + '\\n');
    // Node's normal exit would need calls that the profile refuses.
    exitNow(0);`);
}

const deny = (rule: NonNullable<Seccomp['syscalls']>[number]): Seccomp => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [rule],
});

const MKDIR = "mkdirSync('/proc/davit-no')";

test('errno actions: EPERM by default, errnoRet when given', options, () => {
  const names = ['mkdir', 'mkdirat'];
  assert.deepEqual(attempts(deny({ names, action: 'SCMP_ACT_ERRNO' }), MKDIR), ['EPERM']);
  const coded = deny({ names, action: 'SCMP_ACT_ERRNO', errnoRet: 28 });
  assert.deepEqual(attempts(coded, MKDIR), ['ENOSPC']);
  assert.deepEqual(attempts(deny({ names, action: 'SCMP_ACT_LOG' }), MKDIR), ['ENOENT']);
});

test('kill actions end the process with SIGSYS', options, () => {
  for (const action of ['SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_TRAP'] as const) {
    const profile = deny({ names: ['mkdir', 'mkdirat'], action });
    const { signal } = runChild(`
      import { mkdirSync } from 'node:fs';
      import { compileSeccomp } from './src/seccomp/compile.ts';
      import { seccompSetFilter } from './src/syscalls/rights/seccomp-filter.ts';
      const { program, flags } = compileSeccomp(${JSON.stringify(profile)});
      seccompSetFilter(program, flags);
      ${MKDIR};`);
    assert.equal(signal, 'SIGSYS', action);
  }
});

test('operators compare an argument as 64-bit numbers', options, () => {
  // getpriority(2) of x86-64 and arm64: its second argument is a pid that no process has.
  const number = { x64: 140, arm64: 141 }[process.arch as 'x64' | 'arm64'];
  const ask = (who: string) => `syscall(${number}, 0, ${who})`;
  const rule = (op: string, value: number | string, valueTwo = 0) =>
    ({
      ...deny({
        names: ['getpriority'],
        action: 'SCMP_ACT_ERRNO',
        errnoRet: 95,
        args: [{ index: 1, op: op as 'SCMP_CMP_EQ', value: value as number, valueTwo }],
      }),
    }) as Seccomp;
  const refused = (profile: Seccomp) =>
    attempts(profile, ask('99998'), ask('99999'), ask('100000')).map(
      (code) => code === 'EOPNOTSUPP' || code === 'ENOTSUP',
    );
  assert.deepEqual(refused(rule('SCMP_CMP_EQ', 99999)), [false, true, false]);
  assert.deepEqual(refused(rule('SCMP_CMP_NE', 99999)), [true, false, true]);
  assert.deepEqual(refused(rule('SCMP_CMP_LT', 99999)), [true, false, false]);
  assert.deepEqual(refused(rule('SCMP_CMP_LE', 99999)), [true, true, false]);
  assert.deepEqual(refused(rule('SCMP_CMP_GT', 99999)), [false, false, true]);
  assert.deepEqual(refused(rule('SCMP_CMP_GE', 99999)), [false, true, true]);
  assert.deepEqual(refused(rule('SCMP_CMP_MASKED_EQ', 1, 1)), [false, true, false]);
});

test('several conditions on one argument are alternatives, as in runc', options, () => {
  const profile = deny({
    names: ['personality'],
    action: 'SCMP_ACT_ERRNO',
    args: [
      { index: 0, op: 'SCMP_CMP_EQ', value: 0 },
      { index: 0, op: 'SCMP_CMP_EQ', value: 8 },
    ],
  });
  assert.deepEqual(attempts(profile, "personality('LINUX')", "personality('LINUX32')"), [
    'EPERM',
    'EPERM',
  ]);
});

/** All calls that Node needs to continue, none newer than close_range (436). */
const PERMISSIVE: Seccomp = {
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32', 'SCMP_ARCH_AARCH64'],
  syscalls: [
    {
      names: [
        ...['read', 'write', 'writev', 'openat', 'close', 'mmap', 'munmap', 'mprotect', 'madvise'],
        ...['futex', 'exit_group', 'exit', 'brk', 'rt_sigaction', 'rt_sigprocmask', 'rt_sigreturn'],
        ...['epoll_ctl', 'epoll_wait', 'epoll_pwait', 'getpid', 'gettid', 'clock_gettime', 'fstat'],
        ...['statx', 'readv', 'pread64', 'fcntl', 'ioctl', 'sched_yield', 'tgkill', 'close_range'],
        'io_uring_enter',
        'getrandom',
        'a_call_from_the_future',
      ],
      action: 'SCMP_ACT_ALLOW',
    },
  ],
};

test('a call newer than the profile gets ENOSYS, an older one the default action', options, () => {
  // 999 does not exist; 434 is pidfd_open.
  const calls = ['syscall(999)', 'syscall(434, 1, 0)', MKDIR];
  assert.deepEqual(attempts(PERMISSIVE, ...calls), ['ENOSYS', 'EPERM', 'EPERM']);
});

test('a profile that allows by default has no stub', () => {
  const profile = deny({ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' });
  const none = compileSeccomp(profile)!.program;
  const stubbed = compileSeccomp(PERMISSIVE)!.program;
  // The stub loads the architecture, and so does libseccomp's filter: two loads of word 4.
  const loads = (program: Buffer) =>
    Array.from({ length: program.length / 8 }, (_, i) => program.subarray(8 * i, 8 * i + 8)).filter(
      (instruction) => instruction.toString('hex') === '2000000004000000',
    ).length;
  assert.equal(loads(none), 1);
  assert.equal(loads(stubbed), 2);
});

test('flags: SPEC_ALLOW by default, none with an empty list, TSYNC has no effect', () => {
  const flagsOf = (flags: Seccomp['flags']) => {
    const profile: Seccomp = deny({ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' });
    if (flags) profile.flags = flags;
    return compileSeccomp(profile)!.flags;
  };
  assert.ok(flagSupported('SECCOMP_FILTER_FLAG_SPEC_ALLOW'));
  assert.equal(flagsOf(undefined), 4);
  assert.equal(flagsOf([]), 0);
  assert.equal(flagsOf(['SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_TSYNC']), 2);
  assert.throws(() => flagsOf(['SECCOMP_FILTER_FLAG_NONE' as never]), {
    message: 'seccomp flag SECCOMP_FILTER_FLAG_NONE is not known to davit',
    configPath: 'linux.seccomp.flags[0]',
  });
});

test('an error names the field of an invalid profile', () => {
  const bad = (profile: object) => () => compileSeccomp(profile as Seccomp);
  assert.throws(bad({ defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_PDP11'] }), {
    message: 'string SCMP_ARCH_PDP11 is not a valid arch for seccomp',
    configPath: 'linux.seccomp.architectures[0]',
  });
  assert.throws(bad({ defaultAction: 'SCMP_ACT_NOTIFY' }), /cannot be used as default action/);
  assert.throws(
    bad(deny({ names: ['read', 'write'], action: 'SCMP_ACT_NOTIFY' })),
    /SCMP_ACT_NOTIFY cannot be used for the write syscall/,
  );
  const index = { index: 9, op: 'SCMP_CMP_EQ' as const, value: 1 };
  assert.throws(bad(deny({ names: ['read'], action: 'SCMP_ACT_ERRNO', args: [index] })), {
    configPath: 'linux.seccomp.syscalls[0]',
  });
  assert.equal(compileSeccomp({} as Seccomp), undefined);
});

test('compiled programs are cached by everything they depend on', () => {
  const cacheDirectory = mkdtempSync(join(directory, 'cache-'));
  const profile = deny({ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' });
  const first = compileSeccomp(profile, { cacheDirectory })!.program;
  const [file] = readdirSync(cacheDirectory);
  assert.deepEqual(compileSeccomp(profile, { cacheDirectory })!.program, first);
  assert.equal(readdirSync(cacheDirectory).length, 1);
  // The changed last instruction shows that the file is used.
  const path = join(cacheDirectory, file!);
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
  assert.notDeepEqual(compileSeccomp(profile, { cacheDirectory })!.program, first);
  // A truncated file, or one of another key, is compiled anew.
  for (const broken of [bytes.subarray(0, 20), Buffer.from(bytes).fill(0x20, 4, 30)]) {
    writeFileSync(path, broken);
    assert.deepEqual(compileSeccomp(profile, { cacheDirectory })!.program, first);
  }
  const other = deny({ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 2 });
  assert.notDeepEqual(compileSeccomp(other, { cacheDirectory })!.program, first);
  assert.equal(readdirSync(cacheDirectory).length, 2);
});
