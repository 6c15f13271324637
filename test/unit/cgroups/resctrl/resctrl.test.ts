import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  createResctrl,
  joinResctrl,
  planResctrl,
  removeResctrl,
} from '../../../../src/cgroups/resctrl/resctrl.ts';
import { readResctrlStats } from '../../../../src/cgroups/resctrl/resctrl-stats.ts';
import { checkResctrl } from '../../../../src/config/host/resctrl.ts';
import type { IntelRdt } from '../../../../src/config/types.ts';
import { Report } from '../../../../src/config/validate/checks/report.ts';

/**
 * Plain directories in place of resctrl, which needs hardware. The test writes the files that the
 * kernel would make.
 */
function fakeResctrl(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'resctrl-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'info/L3'), { recursive: true });
  mkdirSync(join(root, 'mon_groups'));
  writeFileSync(join(root, 'info/last_cmd_status'), 'ok\n');
  return root;
}

function create(root: string, intelRdt: IntelRdt) {
  const request = { root, id: 'web', intelRdt };
  const record = planResctrl(request);
  createResctrl(record, request, 4711);
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  return { record, read };
}

test('`events` has the same statistics of resctrl as in runc', (t) => {
  const root = fakeResctrl(t);
  const files: Record<string, string> = {
    'info/L3/cbm_mask': 'fffff',
    'info/L3/min_cbm_bits': '2',
    'info/L3/num_closids': '16',
    'info/MB/bandwidth_gran': '10',
    'info/MB/delay_linear': '1',
    'info/MB/min_bandwidth': '10',
    'info/MB/num_closids': '8',
    'info/L3_MON/mon_features': 'llc_occupancy\nmbm_total_bytes\nmbm_local_bytes',
    schemata: '    L3:0=fffff\n    MB:0=100',
    'web/schemata': '    L3:0=f\n    MB:0=20',
    'web/mon_groups/web/mon_data/mon_L3_00/llc_occupancy': '1024',
    'web/mon_groups/web/mon_data/mon_L3_00/mbm_total_bytes': '30',
    'web/mon_groups/web/mon_data/mon_L3_00/mbm_local_bytes': '20',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
  const [group, monitoring] = ['web', 'web/mon_groups/web'].map((path) => join(root, path));
  const stats = readResctrlStats({ group: group!, monitoring: monitoring!, remove: true });
  assert.deepEqual(stats, {
    l3_cache_info: { cbm_mask: 'fffff', min_cbm_bits: 2, num_closids: 16 },
    l3_cache_schema_root: 'L3:0=fffff',
    l3_cache_schema: 'L3:0=f',
    mem_bw_info: { bandwidth_gran: 10, delay_linear: 1, min_bandwidth: 10, num_closids: 8 },
    mem_bw_schema_root: 'MB:0=100',
    mem_bw_schema: 'MB:0=20',
    schemata: ['L3:0=f', '    MB:0=20'],
    mbm_stats: [{ mbm_total_bytes: 30, mbm_local_bytes: 20 }],
    cmt_stats: [{ llc_occupancy: 1024 }],
  });
  assert.deepEqual(readResctrlStats(undefined), {});
});

test('a group is made and named after the container', (t) => {
  const root = fakeResctrl(t);
  const { record, read } = create(root, {
    l3CacheSchema: 'L3:0=f',
    memBwSchema: 'MB:0=20',
    schemata: ['L2:0=1', 'L2:1=3'],
    enableMonitoring: true,
  });
  assert.equal(read('web/schemata'), 'L3:0=f\nMB:0=20\nL2:0=1\nL2:1=3\n');
  assert.equal(read('web/tasks'), '4711');
  assert.equal(read('web/mon_groups/web/tasks'), '4711');
  joinResctrl(record, 99);
  assert.equal(read('web/tasks'), '99');
  // The kernel's rmdir removes a group's files as well.
  rmSync(join(root, 'web'), { recursive: true });
  mkdirSync(join(root, 'web'));
  removeResctrl(record);
  assert.equal(existsSync(join(root, 'web')), false);
  removeResctrl(record);
});

test('an existing class of service that config.json names is not removed', (t) => {
  const root = fakeResctrl(t);
  mkdirSync(join(root, 'gold'));
  const { record, read } = create(root, { closID: 'gold', enableMonitoring: true });
  assert.equal(read('gold/tasks'), '4711');
  assert.equal(existsSync(join(root, 'gold/schemata')), false);
  rmSync(join(root, 'gold/mon_groups/web/tasks'));
  removeResctrl(record);
  assert.equal(existsSync(join(root, 'gold/mon_groups/web')), false);
  assert.equal(existsSync(join(root, 'gold')), true);
});

test('closID / is the root group', (t) => {
  const { record, read } = create(fakeResctrl(t), { closID: '/' });
  assert.equal(read('tasks'), '4711');
  removeResctrl(record);
  assert.equal(read('tasks'), '4711');
});

test('a class of service without schemata must exist', (t) => {
  const root = fakeResctrl(t);
  assert.throws(() => create(root, { closID: 'gold' }), /gold has to be there/);
  assert.equal(existsSync(join(root, 'gold')), false);
  create(root, { closID: 'gold', schemata: ['L3:0=f'] });
});

test('a group that existed before is not removed', (t) => {
  const root = fakeResctrl(t);
  mkdirSync(join(root, 'web'));
  assert.equal(create(root, {}).record.remove, false);
});

test('the error contains the kernel’s message', (t) => {
  const root = fakeResctrl(t);
  writeFileSync(join(root, 'info/last_cmd_status'), 'Invalid mask\n');
  mkdirSync(join(root, 'web/schemata'), { recursive: true });
  assert.throws(() => create(root, { l3CacheSchema: 'L3:0=0' }), /EISDIR.*Invalid mask/);
});

test('what the host does not support is refused', (t) => {
  const check = (intelRdt: IntelRdt, root?: string) => {
    const report = new Report();
    checkResctrl({ ociVersion: '1.3.0', linux: { intelRdt } }, report, () => root);
    return report.problems.map(({ path }) => path);
  };
  const root = fakeResctrl(t);
  assert.deepEqual(check({ l3CacheSchema: 'L3:0=f', schemata: ['X:0=1'] }, root), []);
  assert.deepEqual(check({ memBwSchema: 'MB:0=20' }, root), ['linux.intelRdt.memBwSchema']);
  if (!existsSync('/sys/fs/resctrl')) assert.deepEqual(check({}), ['linux.intelRdt']);
});
