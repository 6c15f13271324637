import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

test('the kernel runs SELinux, with a policy', () => {
  assert.match(readFileSync('/sys/kernel/security/lsm', 'utf8'), /\bselinux\b/);
  assert.match(readFileSync('/proc/1/attr/current', 'utf8'), /^system_u:system_r:init_t/);
});
