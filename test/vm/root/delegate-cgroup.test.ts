import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { addUserNamespace } from '../../support/attacker.ts';
import type { TestSpec } from '../../support/bundle.ts';
import { cgroupDirectory, runInScope, sleeper, sleepInScope, unitOf } from '../scope.ts';

/** The container may divide the cgroup below its own. */
function delegating(spec: TestSpec): void {
  spec.ociVersion = '1.0.2';
  spec.annotations = { 'run.oci.delegate-cgroup': 'payload/inner' };
  spec.linux.resources = { memory: { limit: 100 << 20 } };
  const cgroup = spec.mounts.find(({ destination }) => destination === '/sys/fs/cgroup')!;
  cgroup.options = cgroup.options!.filter((option) => option !== 'ro');
}

for (const runtime of ['davit', 'crun'] as const) {
  test(`delegate-cgroup: init is in a cgroup below the limited one, ${runtime}`, (t) => {
    const bundle = sleeper(t, delegating, { runtime });
    bundle.runDetached();
    const dir = cgroupDirectory(bundle.state().pid);
    assert.match(dir, /\/payload\/inner$/);
    const own = dir.slice(0, -'/payload/inner'.length);
    assert.equal(readFileSync(`${own}/memory.max`, 'utf8'), `${100 << 20}\n`);
    assert.equal(readFileSync(`${dir}/memory.max`, 'utf8'), 'max\n');
    const script = `grep -o ':/.*' /proc/self/cgroup; cd /sys/fs/cgroup/payload/inner
      mkdir a && echo $$ >a/cgroup.procs && grep -o ':/.*' /proc/self/cgroup`;
    const { status, stdout, stderr } = bundle.exec('sh', '-c', script);
    assert.equal(stdout, ':/payload/inner\n:/payload/inner/a\n', stderr);
    assert.equal(status, 0);
    if (runtime === 'davit') assert.equal(bundle.runtime('pause', bundle.id).status, 0);
    bundle.runtime('delete', '--force', bundle.id);
    assert.equal(existsSync(own), false);
  });
}

test('delegate-cgroup in a user namespace and a scope: the container’s root owns it', (t) => {
  const bundle = sleepInScope(t, (spec) => {
    delegating(spec);
    addUserNamespace(spec);
  });
  const { pid } = bundle.state();
  const dir = cgroupDirectory(pid);
  assert.equal(dir, `/sys/fs/cgroup/system.slice/${unitOf(bundle)}/payload/inner`);
  const root = Number(
    /\d+/.exec(readFileSync(`/proc/${pid}/uid_map`, 'utf8').trim().split(/\s+/)[1]!)![0],
  );
  assert.equal(statSync(dir).uid, root);
  assert.equal(statSync(`${dir}/cgroup.procs`).uid, root);
  assert.notEqual(statSync(`${dir}/memory.max`).uid, root);
});

test('a path that leads upwards is refused, and nothing is left', (t) => {
  const bundle = sleeper(t, (spec) => {
    spec.annotations = { 'run.oci.delegate-cgroup': 'a/../../b' };
  });
  const { status, stderr } = runInScope(bundle);
  assert.equal(status, 1);
  assert.match(
    stderr,
    /annotations\["run\.oci\.delegate-cgroup"\]: "a\/\.\.\/\.\.\/b": expected a path/,
  );
});
