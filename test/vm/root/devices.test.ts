import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeBundle, type TestSpec } from '../../support/bundle.ts';
import { sameOutput } from '../../support/run-script.ts';

/** Opens devices to which only the cgroup's program denies access. */
const SCRIPT = `
  cd /dev/shm
  try() { mknod $1 $2 $3 $4 && head -c 1 $1 >/dev/null && echo $1 read; echo $1 $?; }
  for one in "null c 1 3" "zero c 1 5" "kmsg c 1 11" "disk b 254 0" "full c 1 7" "fuse c 10 229"; do
    try $one 2>/dev/null
  done`;

const withMknod = (spec: TestSpec): void => {
  for (const set of Object.values(spec.process.capabilities!)) set.push('CAP_MKNOD');
  spec.mounts = spec.mounts.map((mount) => ({
    ...mount,
    options: mount.options?.filter(
      (option) => mount.destination !== '/dev/shm' || option !== 'nodev',
    ),
  })) as TestSpec['mounts'];
};

test("the eBPF program allows and denies the same as runc's", (t) => {
  const seen = sameOutput(t, SCRIPT, withMknod);
  assert.match(seen, /^zero read$/m);
  assert.doesNotMatch(seen, /^(disk|kmsg) read$/m);
  const more = sameOutput(t, SCRIPT, (spec) => {
    withMknod(spec);
    spec.linux.resources!.devices!.push({
      allow: true,
      type: 'b',
      major: 254,
      minor: 0,
      access: 'rm',
    });
  });
  assert.match(more, /^disk read$/m);
});

test('an update does not change the program', (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'], spec: withMknod });
  bundle.runDetached();
  const before = bundle.exec('sh', '-c', SCRIPT).stdout;
  assert.match(before, /^zero read$/m);
  assert.equal(bundle.runtime('update', '--pids-limit', '50', bundle.id).status, 0);
  assert.equal(bundle.exec('sh', '-c', `rm -f /dev/shm/*; ${SCRIPT}`).stdout, before);
});
