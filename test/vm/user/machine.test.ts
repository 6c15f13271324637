import assert from 'node:assert/strict';
import { accessSync, constants, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';

test("an ordinary user's systemd manager has a delegated cgroup", () => {
  assert.equal(process.getuid!(), 1000);
  const own = readFileSync('/proc/self/cgroup', 'utf8').trim().slice('0::'.length);
  assert.match(own, /^\/user\.slice\/user-1000\.slice\/user@1000\.service\//);
  const service = `/sys/fs/cgroup${dirname(own)}`;
  accessSync(`${service}/cgroup.procs`, constants.W_OK);
  const controllers = readFileSync(`${service}/cgroup.controllers`, 'utf8');
  assert.match(controllers, /cpuset cpu io memory pids/);
});
