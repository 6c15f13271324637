import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_LIMIT } from '../../../../src/cgroups/usage/read-counts.ts';
import type { CgroupStats } from '../../../../src/cgroups/usage/stats.ts';
import { metricsV1 } from '../../../../src/server/shim/metrics/metrics-v1.ts';
import { metricsV2 } from '../../../../src/server/shim/metrics/metrics-v2.ts';

const stats = (raw: Record<string, number>): CgroupStats => ({
  cpu: { usage: { total: 5_000, kernel: 2_000, user: 3_000, percpu: [1, 2] } },
  cpuset: {} as CgroupStats['cpuset'],
  memory: {
    raw,
    usage: { usage: 100, limit: 200, failcnt: 1 },
    swap: { usage: 150, limit: NO_LIMIT, failcnt: 0 },
  },
  pids: { current: 3 },
  blkio: { ioServiceBytesRecursive: [{ major: 8, minor: 1, op: 'Write', value: 7 }] },
  hugetlb: { '2MB': { usage: 1, failcnt: 0 } },
  intel_rdt: {},
  network_interfaces: null,
});

test('cgroup v1: lines of memory.stat become fields', () => {
  const raw = { cache: 1, total_pgpgin: 2, hierarchical_memsw_limit: 3, unknown: 4 };
  const { cpu, memory, pids, blkio } = metricsV1(stats(raw));
  assert.deepEqual(cpu?.usage?.perCpu, [1n, 2n]);
  assert.deepEqual(
    [memory?.cache, memory?.totalPgPgIn, memory?.hierarchicalSwapLimit],
    [1n, 2n, 3n],
  );
  assert.deepEqual([memory?.usage?.limit, memory?.usage?.failcnt], [200n, 1n]);
  assert.equal(pids?.current, 3n);
  assert.equal(blkio?.ioServiceBytesRecursive[0]?.value, 7n);
});

test('cgroup v2: times are microseconds, and swap is without memory', () => {
  const { cpu, memory, io, hugetlb } = metricsV2(stats({ anon: 1, thp_fault_alloc: 2 }));
  assert.deepEqual([cpu?.usageUsec, cpu?.systemUsec, cpu?.userUsec], [5n, 2n, 3n]);
  assert.deepEqual([memory?.anon, memory?.thpFaultAlloc], [1n, 2n]);
  assert.deepEqual([memory?.usage, memory?.swapUsage, memory?.swapLimit], [100n, 50n, NO_LIMIT]);
  assert.deepEqual([io?.usage[0]?.major, io?.usage[0]?.wbytes], [8n, 7n]);
  assert.equal(hugetlb[0]?.current, 1n);
});
