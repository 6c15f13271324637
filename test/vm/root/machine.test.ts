import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { hierarchies } from '../../support/run/leftovers.ts';

test('systemd is PID 1, and there is only cgroup v2', () => {
  assert.equal(readFileSync('/proc/1/comm', 'utf8'), 'systemd\n');
  assert.deepEqual(hierarchies(), ['/sys/fs/cgroup']);
});
