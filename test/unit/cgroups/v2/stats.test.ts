import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hugepageName } from '../../../../src/cgroups/usage/hugepage-sizes.ts';
import { readStats } from '../../../../src/cgroups/usage/read-stats.ts';
import { readStatsV2 } from '../../../../src/cgroups/v2/stats.ts';
import { stringifyJson } from '../../../../src/config/json.ts';
import { needsRoot } from '../../../support/bundle.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { attach, testProcess, testV2Cgroup } from '../test-cgroup.ts';

test('a real cgroup without controllers has some statistics', { skip: needsRoot }, async (t) => {
  const cgroup = testV2Cgroup(t);
  cgroup.create();
  const child = await testProcess(t, 'while :; do :; done');
  attach(cgroup, child);
  await waitFor(() => Number(readStats(cgroup).cpu.usage?.total) > 1_000_000);
  const { pids, memory } = readStats(cgroup);
  assert.deepEqual(pids, { current: 1 });
  assert.equal('usage' in memory, false);
});

// No machine here has v2's controllers: the files follow the formats in the kernel's documentation.
const FILES = {
  'pids.current': '3\n',
  'pids.max': 'max\n',
  'cpu.stat':
    'usage_usec 1500\nuser_usec 1000\nsystem_usec 500\nnr_periods 4\nnr_throttled 2\nthrottled_usec 7\n',
  'cpu.pressure':
    'some avg10=1.50 avg60=0.20 avg300=0.00 total=42\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
  'memory.stat': 'anon 4096\nfile 8192\n',
  'memory.current': '12288\n',
  'memory.max': '1048576\n',
  'memory.peak': '20480\n',
  'memory.swap.current': '4096\n',
  'memory.swap.max': 'max\n',
  'io.stat': '254:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n',
};

test('files of a stand-in directory are read as in runc', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'davit-test-'));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const [file, text] of Object.entries(FILES)) writeFileSync(join(dir, file), text);
  const stats = JSON.parse(stringifyJson(readStatsV2(dir)));
  const none = { avg10: 0, avg60: 0, avg300: 0, total: 0 };
  assert.deepEqual(stats.cpu, {
    usage: { total: 1_500_000, kernel: 500_000, user: 1_000_000 },
    throttling: { periods: 4, throttledPeriods: 2, throttledTime: 7000 },
    psi: { some: { avg10: 1.5, avg60: 0.2, avg300: 0, total: 42 }, full: none },
  });
  assert.deepEqual(stats.memory, {
    cache: 8192,
    usage: { limit: 1_048_576, usage: 12_288, max: 20_480, failcnt: 0 },
    swap: { limit: Number(2n ** 64n - 1n), usage: 16_384, failcnt: 0 },
    raw: { anon: 4096, file: 8192 },
  });
  assert.deepEqual(stats.pids, { current: 3 });
  const device = { major: 254, op: 'Read' };
  const written = { major: 254, op: 'Write' };
  assert.deepEqual(stats.blkio, {
    ioServiceBytesRecursive: [{ ...device, value: 4096 }, written],
    ioServicedRecursive: [{ ...device, value: 1 }, written],
  });
});

test('huge pages are named as in the files’ names', () => {
  assert.deepEqual([64, 2048, 1 << 20].map(hugepageName), ['64KB', '2MB', '1GB']);
});
