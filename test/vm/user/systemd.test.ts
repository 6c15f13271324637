import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestSpec } from '../../support/bundle.ts';
import { cgroupDirectory, sleepInScope, unitOf, vmuser } from '../scope.ts';

const SLICE = '/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/user.slice';

test("the user's own systemd manager makes the scopes of an ordinary user", (t) => {
  const limited = (spec: TestSpec) => {
    spec.linux.resources = { memory: { limit: 64 << 20 }, pids: { limit: 20 } };
  };
  const bundle = sleepInScope(t, limited, { user: vmuser });
  const dir = cgroupDirectory(bundle.state().pid);
  assert.equal(dir, `${SLICE}/${unitOf(bundle)}`);
  assert.equal(readFileSync(`${dir}/memory.max`, 'utf8'), `${64 << 20}\n`);
  const joined = bundle.runtime('exec', '--detach', bundle.id, 'sleep', '1000');
  assert.equal(joined.status, 0, joined.stderr);
  assert.equal(readFileSync(`${dir}/cgroup.procs`, 'utf8').trim().split('\n').length, 2);
  const { status, stderr } = bundle.runtime('delete', '--force', bundle.id);
  assert.equal(status, 0, stderr);
  assert.equal(existsSync(dir), false);
});
