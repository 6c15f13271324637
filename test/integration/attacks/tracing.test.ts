import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addUserNamespace, giveCapabilities, startAttacker } from '../../support/attacker.ts';
import { makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { makeUser, needsUser } from '../../support/host/user.ts';

const options = { skip: needsRoot };
const TIMES = 6;

/*
 * Between davit's fork and the program, the process is first Node, with the runtime's memory, and
 * then the trampoline, with fds of the host. Other processes of the container must not get at
 * either (CVE-2016-9962).
 */

/**
 * Without CAP_SYS_PTRACE: with it, in the host's user namespace, no runtime can protect the host.
 */
const onHost = (spec: TestSpec): void => giveCapabilities(spec, ['CAP_SYS_PTRACE']);

function inUserNamespace(spec: TestSpec): void {
  giveCapabilities(spec);
  addUserNamespace(spec);
}

/** The attacker may have seen only programs of the container with stdio as their only fds. */
function assertHarmless(printed: string): void {
  const lines = printed.split('\n').filter((line) => / \S/.test(line) && !/ \/node /.test(line));
  for (const line of lines) {
    // The runtime's arguments may hold secrets, in --env.
    if (/^\d+ said/.test(line)) assert.match(line, /^\d+ said *(davit init.*|\/bin\/true)? *$/);
    else assert.match(line, /^\d+ \/bin\/busybox(?! .*\b([3-9]|\d\d+)=\/)/);
  }
}

for (const [name, spec] of Object.entries({ onHost, inUserNamespace })) {
  test(`no process sees an exec before its program runs: ${name}`, options, async (t) => {
    const { bundle, printed } = await startAttacker(t, 'watch-processes.ts', { spec });
    for (let i = 0; i < TIMES; i++) assert.equal(bundle.exec('/bin/true').status, 0);
    assertHarmless(printed());
  });

  test(`no process sees a joining container before that: ${name}`, options, async (t) => {
    const { bundle, printed } = await startAttacker(t, 'watch-processes.ts', { spec });
    const { pid } = bundle.state();
    for (let i = 0; i < TIMES / 2; i++) {
      const victim = makeBundle(t, {
        args: ['/bin/true'],
        spec: (config) => {
          spec(config);
          const files = { pid: 'pid', ...(name === 'inUserNamespace' && { user: 'user' }) };
          const { namespaces } = config.linux;
          for (const [type, file] of Object.entries(files)) {
            namespaces.find((namespace) => namespace.type === type)!.path =
              `/proc/${pid}/ns/${file}`;
          }
        },
      });
      assert.equal(victim.create().status, 0);
      assert.equal(victim.start().status, 0);
    }
    assertHarmless(printed());
  });
}

test('of an exec by an ordinary user, the container sees nothing of the host but the last executable', {
  skip: needsUser,
}, async (t) => {
  const user = makeUser(t);
  const spec = (config: TestSpec): void => {
    giveCapabilities(config);
    config.process.oomScoreAdj = 100;
  };
  const { bundle, printed } = await startAttacker(t, 'watch-processes.ts', { user, spec });
  for (let i = 0; i < TIMES; i++) {
    const { status, stdout, stderr } = bundle.exec('/bin/cat', '/proc/self/oom_score_adj');
    assert.deepEqual([status, stdout], [0, '100\n'], stderr);
  }
  const seen = printed().match(/^\d+ \/.*$/gm) ?? [];
  for (const line of seen) assert.match(line, /^\d+ (\/node|\/bin\/busybox|\/memfd:davit) /);
});
