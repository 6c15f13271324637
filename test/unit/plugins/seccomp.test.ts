import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  agentArguments,
  nativeArchitectures,
  nativeSyscalls,
  type SeccompCall,
} from '../../../src/plugins/seccomp/api.ts';

test('system calls of this machine, by name', () => {
  const names = nativeSyscalls();
  for (const name of ['execve', 'openat', 'read', 'write']) assert.ok(names.includes(name), name);
  assert.deepEqual(names, [...new Set(names)].sort());
});

test('the machine’s own architecture comes first', () => {
  const own = process.arch === 'x64' ? 'SCMP_ARCH_X86_64' : 'SCMP_ARCH_AARCH64';
  assert.equal(nativeArchitectures()[0], own);
});

test('wrong types do not compile', () => {
  const misuse = (call: SeccompCall) => {
    // @ts-expect-error: an errno is a number
    call.fail('EPERM');
    // @ts-expect-error: a register has 64 bits
    call.succeed(0);
    // @ts-expect-error: a finished call is read-only
    call.args[0] = 1n;
    // @ts-expect-error: an agent's module is named
    agentArguments();
    // @ts-expect-error: the list is read-only
    nativeArchitectures().push('SCMP_ARCH_ARM');
  };
  assert.ok(misuse);
});
