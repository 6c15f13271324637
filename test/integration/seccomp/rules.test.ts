import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { SeccompAction } from '../../../src/config/names/seccomp-actions.ts';
import {
  SECCOMP_OPERATORS,
  type SeccompOperator,
} from '../../../src/config/names/seccomp-operators.ts';
import type { Seccomp, SeccompArg, SeccompSyscall } from '../../../src/config/types.ts';
import { makeBundle, needsRoot, type RuntimeName } from '../../support/bundle.ts';
import {
  type Call,
  call32Program,
  callProgram,
  callsProgram,
  resultsOf,
} from '../../support/system-calls/call-programs.ts';

const options = { skip: needsRoot || (process.arch !== 'x64' && 'has x86-64 machine code') };

const SIGSYS = 128 + 31;
const [EPERM, EBADF, ENOSYS, EOPNOTSUPP] = [1, 9, 38, 95];
/** asm/unistd_64.h and unistd_32.h */
const MKDIR = 83;
const MKDIR_32 = 39;
const X32_BIT = 0x40000000;

function withFilter(
  t: TestContext,
  runtime: RuntimeName,
  program: Buffer,
  seccomp: Partial<Seccomp>,
  args = ['/bin/call'],
) {
  const bundle = makeBundle(t, {
    runtime,
    args,
    spec: (spec) => {
      spec.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        architectures: ['SCMP_ARCH_X86_64'],
        ...seccomp,
      };
    },
  });
  bundle.write('bin/call', '', 0o755);
  writeFileSync(join(bundle.rootfs, 'bin/call'), program);
  return bundle.run();
}

/** Expects the same exit status under davit and runc. */
function sameStatus(t: TestContext, program: Buffer, seccomp: Partial<Seccomp>): number | null {
  const [ours, theirs] = (['davit', 'runc'] as RuntimeName[]).map((runtime) =>
    withFilter(t, runtime, program, seccomp),
  );
  assert.equal(ours!.status, theirs!.status, `${ours!.stderr}${theirs!.stderr}`);
  return ours!.status;
}

// Calls that fail with the fd -1 for every second argument.
const BY_OPERATOR: Record<SeccompOperator, [name: string, number: number]> = {
  SCMP_CMP_NE: ['lseek', 8],
  SCMP_CMP_LT: ['pread64', 17],
  SCMP_CMP_LE: ['pwrite64', 18],
  SCMP_CMP_EQ: ['ftruncate', 77],
  SCMP_CMP_GE: ['fsync', 74],
  SCMP_CMP_GT: ['fdatasync', 75],
  SCMP_CMP_MASKED_EQ: ['fchdir', 81],
};
const VALUE = 0x1_0000_0005n;
const MASK = 0xff_0000_000fn;
/** Values near VALUE, values with the same lower half, and the largest one. */
const TRIED = [VALUE - 1n, VALUE, VALUE + 1n, 5n, 0n, VALUE | 0xf0n, 2n ** 64n - 1n];

function holds(op: SeccompOperator, argument: bigint): boolean {
  switch (op) {
    case 'SCMP_CMP_NE':
      return argument !== VALUE;
    case 'SCMP_CMP_LT':
      return argument < VALUE;
    case 'SCMP_CMP_LE':
      return argument <= VALUE;
    case 'SCMP_CMP_EQ':
      return argument === VALUE;
    case 'SCMP_CMP_GE':
      return argument >= VALUE;
    case 'SCMP_CMP_GT':
      return argument > VALUE;
    case 'SCMP_CMP_MASKED_EQ':
      return (argument & MASK) === VALUE;
  }
}

function resultsUnder(t: TestContext, calls: Call[], seccomp: Partial<Seccomp>): number[] {
  const args = ['sh', '-c', '/bin/call | hexdump -v -e \'1/1 "%02x"\''];
  const [ours, theirs] = (['davit', 'runc'] as RuntimeName[]).map((runtime) =>
    withFilter(t, runtime, callsProgram(calls), seccomp, args),
  );
  assert.equal(ours!.stdout, theirs!.stdout, ours!.stderr);
  return resultsOf(ours!.stdout);
}

test('each operator compares all 64 bits, unsigned', options, (t) => {
  const tried = SECCOMP_OPERATORS.flatMap((op) => TRIED.map((argument) => ({ op, argument })));
  const results = resultsUnder(
    t,
    tried.map(({ op, argument }) => [BY_OPERATOR[op][1], -1n, argument]),
    {
      syscalls: SECCOMP_OPERATORS.map((op) => ({
        names: [BY_OPERATOR[op][0]],
        action: 'SCMP_ACT_ERRNO',
        errnoRet: EOPNOTSUPP,
        args: [
          op === 'SCMP_CMP_MASKED_EQ'
            ? { index: 1, op, value: Number(MASK), valueTwo: Number(VALUE) }
            : { index: 1, op, value: Number(VALUE) },
        ],
      })),
    },
  );
  tried.forEach(({ op, argument }, i) => {
    assert.equal(
      results[i] === EOPNOTSUPP,
      holds(op, argument),
      `${op} ${argument}: ${results[i]}`,
    );
  });
});

test('conditions of a rule must all hold; for the same index, any', options, (t) => {
  const argument = (index: number, value: number): SeccompArg => ({
    index,
    value,
    op: 'SCMP_CMP_EQ',
  });
  const rule = (name: string, ...args: SeccompArg[]): SeccompSyscall => ({
    names: [name],
    action: 'SCMP_ACT_ERRNO',
    errnoRet: EOPNOTSUPP,
    args,
  });
  const calls: [call: Call, expected: number][] = [
    [[8, -1n, 1n, 2n], EOPNOTSUPP],
    [[8, -1n, 1n, 3n], EBADF],
    [[8, -1n, 0n, 2n], EBADF],
    [[74, -1n, 1n], EOPNOTSUPP],
    [[74, -1n, 2n], EOPNOTSUPP],
    [[74, -1n, 3n], EBADF],
    [[75, -1n, 1n], EOPNOTSUPP],
    [[75, -1n, 2n], EOPNOTSUPP],
  ];
  const results = resultsUnder(
    t,
    calls.map(([call]) => call),
    {
      syscalls: [
        rule('lseek', argument(1, 1), argument(2, 2)),
        rule('fsync', argument(1, 1), argument(1, 2)),
        rule('fdatasync', argument(1, 1)),
        rule('fdatasync', argument(1, 2)),
      ],
    },
  );
  assert.deepEqual(
    results,
    calls.map(([, expected]) => expected),
  );
});

/** The errno or the signal of mkdir("") for each action. */
const OUTCOMES: Record<Exclude<SeccompAction, 'SCMP_ACT_NOTIFY'>, number> = {
  // EFAULT
  SCMP_ACT_ALLOW: 14,
  SCMP_ACT_LOG: 14,
  SCMP_ACT_ERRNO: EPERM,
  SCMP_ACT_KILL: SIGSYS,
  SCMP_ACT_KILL_THREAD: SIGSYS,
  SCMP_ACT_KILL_PROCESS: SIGSYS,
  SCMP_ACT_TRAP: SIGSYS,
  // seccomp(2): the result for a process without a tracer.
  SCMP_ACT_TRACE: ENOSYS,
};

test('each action', options, (t) => {
  for (const [action, expected] of Object.entries(OUTCOMES) as [SeccompAction, number][]) {
    const syscalls = [{ names: ['mkdir'], action }];
    assert.equal(sameStatus(t, callProgram(MKDIR), { syscalls }), expected, action);
  }
});

test('defaultErrnoRet, and a rule’s errnoRet', options, (t) => {
  const filter: Partial<Seccomp> = {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: EOPNOTSUPP,
    syscalls: [
      { names: ['execve', 'exit', 'exit_group'], action: 'SCMP_ACT_ALLOW' },
      { names: ['rmdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 28 },
    ],
  };
  const status = (number: number) => withFilter(t, 'davit', callProgram(number), filter).status;
  assert.equal(status(MKDIR), EOPNOTSUPP);
  assert.equal(status(84), 28);
  // A call newer than the profile gets ENOSYS, whatever the default is.
  assert.equal(status(1000), ENOSYS);
});

const DENY_MKDIR = [
  { names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet: EOPNOTSUPP },
] satisfies Seccomp['syscalls'];

/** Why this kernel runs no i386 programs, or false. */
function lacks32Bit(): string | false {
  if (options.skip) return options.skip;
  const path = join(mkdtempSync(join(tmpdir(), 'i386-')), 'call');
  writeFileSync(path, call32Program(MKDIR_32));
  chmodSync(path, 0o755);
  return spawnSync(path).status === 14 ? false : 'this kernel runs no i386 programs';
}

test('i386: filtered if the profile lists the architecture, else killed', {
  skip: lacks32Bit(),
}, (t) => {
  const program = call32Program(MKDIR_32);
  const both: Seccomp['architectures'] = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'];
  const filter = { architectures: both, syscalls: DENY_MKDIR };
  assert.equal(sameStatus(t, program, filter), EOPNOTSUPP);
  assert.equal(sameStatus(t, program, { syscalls: DENY_MKDIR }), SIGSYS);
});

test('x32: filtered if the profile lists the architecture, else killed', options, (t) => {
  const program = callProgram(MKDIR | X32_BIT);
  const both: Seccomp['architectures'] = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X32'];
  const filter = { architectures: both, syscalls: DENY_MKDIR };
  assert.equal(sameStatus(t, program, filter), EOPNOTSUPP);
  assert.equal(sameStatus(t, program, { syscalls: DENY_MKDIR }), SIGSYS);
});
