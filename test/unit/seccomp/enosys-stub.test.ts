import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AUDIT_ARCH_S390X,
  AUDIT_ARCH_X86_64,
  archToken,
  SCMP_ARCH_X32,
} from '../../../src/seccomp/architecture.ts';
import { assemble, type Instruction } from '../../../src/seccomp/bpf.ts';
import { enosysStub } from '../../../src/seccomp/enosys-stub.ts';

const ENOSYS = 0x00050000 | 38;

/** Runs a stub as the kernel would. Returns its result, or 'filter' if it falls through. */
function evaluate(program: readonly Instruction[], arch: number, nr: number): number | 'filter' {
  let accumulator = 0;
  for (let at = 0; at < program.length; at++) {
    const { code, k, jt, jf } = program[at]!;
    const branch = (condition: boolean): number => (condition ? jt : jf);
    if (code === 0x20) accumulator = (k === 0 ? nr : arch) >>> 0;
    else if (code === 0x06) return k;
    else if (code === 0x05) at += k;
    else if (code === 0x15) at += branch(accumulator === k >>> 0);
    else if (code === 0x25) at += branch(accumulator > k >>> 0);
    else if (code === 0x45) at += branch((accumulator & k) !== 0);
    else assert.fail(`code ${code}`);
  }
  return 'filter';
}

const AARCH64 = archToken('SCMP_ARCH_AARCH64');
const X86 = archToken('SCMP_ARCH_X86');

test('calls above the highest one in their architecture’s rules get ENOSYS', () => {
  const stub = enosysStub(
    new Map([
      [AUDIT_ARCH_X86_64, 440],
      [SCMP_ARCH_X32, 0x40000000 + 547],
      [X86, 430],
      [AARCH64, 441],
    ]),
  );
  for (const [arch, nr, expected] of [
    [AUDIT_ARCH_X86_64, 440, 'filter'],
    [AUDIT_ARCH_X86_64, 441, ENOSYS],
    [AUDIT_ARCH_X86_64, 0x40000000 + 547, 'filter'],
    [AUDIT_ARCH_X86_64, 0x40000000 + 548, ENOSYS],
    [X86, 430, 'filter'],
    [X86, 431, ENOSYS],
    [AARCH64, 441, 'filter'],
    [AARCH64, 442, ENOSYS],
    [archToken('SCMP_ARCH_ARM'), 9999, 'filter'],
  ] as const) {
    assert.equal(evaluate(stub, arch, nr), expected, `${arch.toString(16)} ${nr}`);
  }
});

test('x32 calls go to the filter if the profile does not list x32', () => {
  const stub = enosysStub(new Map([[AUDIT_ARCH_X86_64, 440]]));
  assert.equal(evaluate(stub, AUDIT_ARCH_X86_64, 0x40000000 + 9999), 'filter');
  assert.equal(evaluate(stub, AUDIT_ARCH_X86_64, 441), ENOSYS);
});

test('s390 multiplexes unknown calls as number 0', () => {
  const stub = enosysStub(new Map([[AUDIT_ARCH_S390X, 440]]));
  assert.equal(evaluate(stub, AUDIT_ARCH_S390X, 0), ENOSYS);
  assert.equal(evaluate(stub, AUDIT_ARCH_S390X, 1), 'filter');
});

test('an instruction is 8 bytes', () => {
  assert.equal(
    assemble([{ code: 0x15, jt: 1, jf: 2, k: 0xc000003e }]).toString('hex'),
    '150001023e0000c0',
  );
});
