import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { cgroupDirectory, sleepInScope, unitOf, vmuser } from '../scope.ts';

const SLICE = '/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/user.slice';

test("systemd moves the processes if davit's own cgroup is not delegated to the user", (t) => {
  const bundle = sleepInScope(t, undefined, { user: vmuser });
  const dir = cgroupDirectory(bundle.state().pid);
  assert.equal(dir, `${SLICE}/${unitOf(bundle)}`);
  const joined = bundle.runtime('exec', '--detach', bundle.id, 'sleep', '1000');
  assert.equal(joined.status, 0, joined.stderr);
  assert.equal(readFileSync(`${dir}/cgroup.procs`, 'utf8').trim().split('\n').length, 2);
});
