import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import type { TestSpec } from '../../support/bundle.ts';
import { runScript, sameOutput, scriptOutput } from '../../support/run-script.ts';

const disk = statSync('/dev/vda').rdev;
const [major, minor] = [disk >> 8, disk & 0xff];

test("limits of every controller are in the cgroup's files, as with runc", (t) => {
  const files = [
    ...['memory.max', 'memory.low', 'memory.swap.max', 'memory.high', 'pids.max'],
    ...['cpu.max', 'cpuset.cpus', 'cpuset.mems', 'io.max', 'hugetlb.2MB.max', 'rdma.max'],
  ];
  const script = `cd /sys/fs/cgroup; for f in ${files.join(' ')}; do echo $f $(cat $f); done`;
  const seen = sameOutput(t, script, ({ linux }: TestSpec) => {
    linux.resources = {
      ...linux.resources,
      memory: { limit: 64 << 20, reservation: 32 << 20, swap: 96 << 20 },
      cpu: { quota: 50_000, period: 100_000, cpus: '0', mems: '0' },
      pids: { limit: 40 },
      blockIO: {
        throttleReadBpsDevice: [{ major, minor, rate: 1 << 20 }],
        throttleWriteIOPSDevice: [{ major, minor, rate: 200 }],
      },
      hugepageLimits: [{ pageSize: '2MB', limit: 4 << 20 }],
      unified: { 'memory.high': '50331648' },
    };
  });
  for (const line of [
    ...['memory.max 67108864', 'memory.low 33554432', 'memory.swap.max 33554432'],
    ...['memory.high 50331648', 'pids.max 40', 'cpu.max 50000 100000', 'cpuset.cpus 0'],
    ...[`io.max ${major}:${minor} rbps=1048576 wbps=max riops=max wiops=200`],
    ...['hugetlb.2MB.max 4194304'],
  ]) {
    assert.ok(seen.split('\n').includes(line), `${line}\n${seen}`);
  }
});

test('shares become the weight that runc 1.5 calculates', (t) => {
  const weight = scriptOutput(t, 'cat /sys/fs/cgroup/cpu.weight', {
    spec: ({ linux }) => {
      linux.resources = { ...linux.resources, cpu: { shares: 512 } };
    },
  });
  assert.equal(weight, '59');
});

test('writes to the disk are throttled', (t) => {
  const script = `
    dd if=/dev/zero of=/file bs=64k count=16 oflag=direct conv=fsync 2>/dev/null
    cat /sys/fs/cgroup/io.stat; cat /sys/fs/cgroup/io.max`;
  const { stdout, stderr } = runScript(t, script, {
    spec: ({ linux, root }) => {
      root.readonly = false;
      const throttleWriteBpsDevice = [{ major, minor, rate: 16 << 20 }];
      linux.resources = { ...linux.resources, blockIO: { throttleWriteBpsDevice } };
    },
  });
  assert.match(stdout, new RegExp(`^${major}:${minor} .*wbytes=[1-9]`, 'm'), stderr);
  assert.match(stdout, /wbps=16777216/);
});

test("an error names a controller that Debian's kernel lacks", (t) => {
  const { status, stderr } = runScript(t, 'true', {
    spec: ({ linux }) => {
      linux.resources = { ...linux.resources, unified: { 'nothing.max': '1' } };
    },
  });
  assert.equal(status, 1);
  assert.match(stderr, /linux\.resources\.unified\["nothing\.max"\]: .*controller "nothing" not/);
});
