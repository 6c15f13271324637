import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byteSize } from '../../../../src/cli/values/byte-size.ts';

test('sizes in docker/go-units’ format', () => {
  for (const [text, bytes] of [
    ['0', 0n],
    ['512', 512n],
    ['512b', 512n],
    ['64k', 65_536n],
    ['64 MB', 67_108_864n],
    ['1.5GiB', 1_610_612_736n],
    ['.5K', 512n],
    ['2T', 2n << 40n],
    ['1PiB', 1n << 50n],
    ['9223372036854775807', 2n ** 63n - 1n],
  ] as const) {
    assert.equal(byteSize(text), bytes, text);
  }
});

test('invalid sizes are refused', () => {
  for (const text of ['', 'k', '-5', 'much', '1..2', '0x10']) {
    assert.throws(() => byteSize(text), /^RuntimeError: invalid (size|suffix): /, text);
  }
  for (const text of ['5x', '5kk', '5bb', '5kibs', '5ki']) {
    assert.throws(() => byteSize(text), /^RuntimeError: invalid suffix: /, text);
  }
});
