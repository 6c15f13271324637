import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { SeccompSyscall } from '../../../src/config/types.ts';
import { SeccompAgent, type SeccompAgentOptions } from '../../../src/plugins/seccomp/api.ts';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { startSeccompAgent } from '../../support/system-calls/start-seccomp-agent.ts';

const options = { skip: needsRoot };

/** A bundle with an agent for its SCMP_ACT_NOTIFY calls. */
async function withAgent(t: TestContext, script: string) {
  const bundle = makeBundle(t);
  const listenerPath = join(bundle.dir, 'agent');
  const asked = await startSeccompAgent(t, listenerPath);
  const run = (
    defaultAction: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO',
    ...syscalls: SeccompSyscall[]
  ) => {
    bundle.configure((spec) => {
      spec.process.args = ['sh', '-c', script];
      spec.process.noNewPrivileges = true;
      spec.linux.seccomp = { defaultAction, listenerPath, syscalls };
    });
    return bundle.run();
  };
  return { bundle, run, asked };
}

test('an agent lets calls continue, returns values, and makes calls fail', options, async (t) => {
  const { bundle, run, asked } = await withAgent(t, 'mkdir /dev/shm/d; id -u; rmdir /x; true');
  const names = ['mkdir', 'mkdirat', 'getuid', 'geteuid', 'rmdir', 'unlinkat'];
  const { status, stdout, stderr } = run('SCMP_ACT_ALLOW', { names, action: 'SCMP_ACT_NOTIFY' });
  assert.equal(status, 0, stderr);
  assert.equal(stdout, '42\n');
  assert.match(stderr, /d'?: No space left on device\n.*\/x'?: Read-only file system/);
  const arch = process.arch === 'x64' ? 'SCMP_ARCH_X86_64' : 'SCMP_ARCH_AARCH64';
  const calls = await asked();
  assert.ok(
    calls.some((call) => call.startsWith(`${bundle.id} ${arch} mkdir`)),
    calls.join(),
  );
});

test('a profile that refuses calls for waiting for the agent', options, async (t) => {
  const { bundle, run, asked } = await withAgent(t, 'true');
  const names = ['execve', 'write', 'exit_group'];
  const { status, stderr } = run(
    'SCMP_ACT_ERRNO',
    { names, action: 'SCMP_ACT_ALLOW' },
    { names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' },
  );
  assert.match(stderr, /exec: linux\.seccomp: read: EPERM/);
  assert.equal(status, 1);
  assert.deepEqual(await asked(), []);
  bundle.expectNothingLeft();
});

test('an agent ends if the container does not start', options, async (t) => {
  const { asked } = await withAgent(t, 'true');
  assert.deepEqual(await asked(), []);
});

test('options that do not exist are refused', () => {
  const refusals: [options: unknown, message: string][] = [
    [
      { abandonned: () => true },
      'abandonned: no such option: did you mean abandoned? expected one of abandoned',
    ],
    [{ abandoned: true }, 'abandoned: true: expected a function'],
    [null, 'null: expected an object'],
  ];
  for (const [options, message] of refusals) {
    assert.throws(() => new SeccompAgent('/nowhere/agent', options as SeccompAgentOptions), {
      name: 'TypeError',
      message: `new SeccompAgent: ${message}`,
    });
  }
  assert.throws(() => new SeccompAgent(7 as never), {
    message: 'new SeccompAgent: path: 7: expected a string',
  });
});
