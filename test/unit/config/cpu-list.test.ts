import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCpuList } from '../../../src/config/cpu-list.ts';

test('a list of CPUs is parsed as in runc', () => {
  assert.deepEqual(parseCpuList('0-3,7'), [0, 1, 2, 3, 7]);
  assert.deepEqual(parseCpuList(' 5 ,,1-1, 5'), [1, 5]);
  // In the kernel's format.
  assert.deepEqual(parseCpuList('0-2,7\n'), [0, 1, 2, 7]);
  assert.deepEqual(parseCpuList(''), []);
});

test('an invalid list is refused', () => {
  for (const list of ['a', '1-', '-1', '3-1', '1.5', '0-99999', '0x1']) {
    assert.equal(parseCpuList(list), undefined, list);
  }
});
