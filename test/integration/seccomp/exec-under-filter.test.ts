import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';

// System calls that exec needs after the filter is installed, to enter the pid namespace.
for (const name of ['clone', 'exit_group', 'setsid']) {
  test(`exec under a filter that refuses ${name}, without noNewPrivileges`, {
    skip: needsRoot,
  }, (t) => {
    const bundle = makeBundle(t, {
      args: ['sleep', '1000'],
      spec: (spec) => {
        spec.process.noNewPrivileges = false;
        spec.linux.seccomp = {
          defaultAction: 'SCMP_ACT_ALLOW',
          syscalls: [{ names: [name], action: 'SCMP_ACT_ERRNO' }],
        };
      },
    });
    bundle.runDetached();
    const { status, stdout, stderr } = bundle.exec('cat', '/proc/self/status');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^Seccomp:\t2$/m);
    assert.doesNotMatch(stdout, /^CapAmb:\t0*2\d{5}$/m, 'CAP_SYS_ADMIN is given up');
  });
}
