import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { dropStartupPages } from '../../../src/server/drop-startup-pages.ts';

/** KiB of files that are in this process's memory (proc_pid_status(5)). */
const filePages = (): number =>
  Number(/^RssFile:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))![1]);

test('the pages that Node needed to start leave the memory, and Node goes on', () => {
  const before = filePages();
  dropStartupPages();
  const after = filePages();
  assert.ok(after < before * 0.8, `${after} KiB of ${before} KiB are left`);
  assert.equal(JSON.parse('{"a":[1,2]}').a.length, 2);
});
