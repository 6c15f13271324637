import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rlimit } from '../../../src/config/types.ts';
import { linesOf, runChild } from './child.ts';

/** The limits of a program that the trampoline executed, from /proc/self/limits. */
function limitsOf(rlimits: Rlimit[], { nofileLimit = 1024, wrapper = [] as string[] } = {}) {
  const source = `
    import { setRlimits } from './src/process/rlimits.ts';
    import { lastCalls } from './src/init/trampoline/last-calls.ts';
    import { buildTrampoline } from './src/init/trampoline/build-trampoline.ts';
    import { execTrampoline } from './src/init/trampoline/exec-trampoline.ts';
    import { inheritFds } from './src/init/trampoline/inherit-fds.ts';
    import { getLimits } from './src/syscalls/task/rlimit.ts';
    const rlimits = JSON.parse(${JSON.stringify(JSON.stringify(rlimits, bigintsAsText))},
      (_name, value) => (typeof value === 'string' && /^\\d+$/.test(value) ? BigInt(value) : value));
    setRlimits(0, rlimits);
    const { hard } = getLimits(0, 'RLIMIT_NOFILE');
    const process = { user: { uid: 0, gid: 0 }, cwd: '/', rlimits };
    const calls = lastCalls({ process, reportFd: 2, procfs: -1, nofileLimit: { soft: ${nofileLimit}n, hard } });
    inheritFds({ procfs: -1, preserveFds: 0 });
    execTrampoline(buildTrampoline({ calls, reportFd: 2,
      exec: { path: '/bin/cat', argv: ['cat', '/proc/self/limits'], env: [] } }));`;
  const lines = linesOf(source, { wrapper });
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, 26).trim(), line.slice(26, 68).trim().split(/\s+/)]),
  );
}

const bigintsAsText = (_name: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;

test('the program gets limits with which Node itself could not run', () => {
  const limits = limitsOf([
    { type: 'RLIMIT_AS', soft: 64 * 2 ** 20, hard: 128 * 2 ** 20 },
    { type: 'RLIMIT_FSIZE', soft: 0, hard: 0 },
    { type: 'RLIMIT_NPROC', soft: 1, hard: 2 },
    { type: 'RLIMIT_NOFILE', soft: 5, hard: 6 },
    { type: 'RLIMIT_CORE', soft: 0, hard: 18446744073709551615n },
  ]);
  assert.deepEqual(limits['Max address space'], ['67108864', '134217728']);
  assert.deepEqual(limits['Max file size'], ['0', '0']);
  assert.deepEqual(limits['Max processes'], ['1', '2']);
  assert.deepEqual(limits['Max open files'], ['5', '6']);
  assert.deepEqual(limits['Max core file size'], ['0', 'unlimited']);
});

test('RLIM_INFINITY as a JavaScript number', () => {
  const limits = limitsOf([{ type: 'RLIMIT_CORE', soft: 2 ** 64, hard: 2 ** 64 }]);
  assert.deepEqual(limits['Max core file size'], ['unlimited', 'unlimited']);
});

test('RLIMIT_NOFILE is reset to its value before Node raised it', () => {
  const limits = limitsOf([], { nofileLimit: 333, wrapper: ['prlimit', '--nofile=333:4000'] });
  assert.deepEqual(limits['Max open files'], ['333', '4000']);
});

test('the inherited limit comes from the launcher, or from the parent', () => {
  const source = `
    import { inheritedNofileLimit } from './src/init/parent/inherited-nofile.ts';
    for (const env of [{ DAVIT_NOFILE: '256' }, { DAVIT_NOFILE: 'unlimited' }, { DAVIT_NOFILE: '9999' }, {}]) {
      console.log(String(inheritedNofileLimit(env).soft));
    }`;
  // The shell remains as the parent, with another limit.
  const wrapper = ['sh', '-c', 'ulimit -Sn 700; ulimit -Hn 2000; "$@"; exit $?', 'sh'];
  assert.deepEqual(linesOf(source, { wrapper }), ['256', '2000', '2000', '700']);
});

test('an error names the field of a soft limit above the hard one', () => {
  const source = `
    import { setRlimits } from './src/process/rlimits.ts';
    try { setRlimits(0, [{ type: 'RLIMIT_CPU', soft: 2, hard: 1 }]); }
    catch (error) { console.log(error.configPath + ': ' + error.message); }`;
  assert.equal(
    runChild(source).stdout,
    'process.rlimits[0]: soft limit 2 is above the hard limit 1\n',
  );
});
