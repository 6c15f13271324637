import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pidsMax } from '../../../../src/cgroups/limits/pids.ts';
import { rdmaMax } from '../../../../src/cgroups/limits/rdma.ts';
import { cpuMax, cpuWeight } from '../../../../src/cgroups/v2/cpu.ts';
import { ioWeight } from '../../../../src/cgroups/v2/io.ts';
import { memorySwapMax } from '../../../../src/cgroups/v2/memory.ts';

// By hand: 10 ^ ((l² + 125 l) / 612 - 7 / 34), rounded up, with l = log2 of the shares.
test('cpu.weight follows runc’s formula', () => {
  const pairs = [
    [0, 0],
    [1, 1],
    [2, 1],
    [4, 2],
    [512, 59],
    [1024, 100],
    [2048, 174],
    [262_143, 10_000],
    [262_144, 10_000],
    [1_000_000, 10_000],
  ] as const;
  for (const [shares, weight] of pairs) assert.equal(cpuWeight(shares), weight, `${shares}`);
  assert.equal(cpuWeight(1024n), 100);
});

test('cpu.max has quota and period', () => {
  assert.equal(cpuMax(50_000, 200_000), '50000 200000');
  assert.equal(cpuMax(50_000), '50000 100000');
  assert.equal(cpuMax(-1), 'max 100000');
  assert.equal(cpuMax(undefined, 7000n), 'max 7000');
});

test('memory.swap.max excludes memory', () => {
  assert.equal(memorySwapMax(300, 100), '200');
  assert.equal(memorySwapMax(100, 100), '0');
  assert.equal(memorySwapMax(-1, 100), 'max');
  assert.equal(memorySwapMax(0, -1), 'max');
  assert.equal(memorySwapMax(undefined, -1), 'max');
  assert.equal(memorySwapMax(300, -1), '300');
  assert.equal(memorySwapMax(undefined, 100), undefined);
  assert.equal(memorySwapMax(), undefined);
  assert.throws(() => memorySwapMax(300), {
    message: 'unable to set swap limit without memory limit',
  });
  assert.throws(() => memorySwapMax(50, 100), {
    message: 'memory+swap limit should be >= memory limit',
  });
  assert.throws(() => memorySwapMax(50, -2), { message: 'invalid memory value: -2' });
});

test('io.weight is blkio’s weight on a wider range', () => {
  assert.deepEqual([10, 100, 500, 1000].map(ioWeight), [1, 910, 4950, 10_000]);
});

test('pids.max and rdma.max', () => {
  assert.deepEqual([-1, 0, 1, 9_007_199_254_740_993n].map(pidsMax), [
    'max',
    '1',
    '1',
    '9007199254740993',
  ]);
  assert.equal(
    rdmaMax('mlx5_1', { hcaHandles: 3, hcaObjects: 10 }),
    'mlx5_1 hca_handle=3 hca_object=10',
  );
  assert.equal(rdmaMax('rxe3', { hcaObjects: 0 }), 'rxe3 hca_object=0');
});
