import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, formatShare } from '../../../../../src/trace/read/text/duration.ts';

test('durations have three digits and a suitable unit', () => {
  const cases: [number, string][] = [
    [0, '0 µs'],
    [412_300, '412 µs'],
    [999_600, '1.00 ms'],
    [9_996_000, '10.0 ms'],
    [31_240_000, '31.2 ms'],
    [412_000_000, '412 ms'],
    [999_700_000, '1.00 s'],
    [2_300_000_000, '2.30 s'],
    [59_960_000_000, '1 min 0 s'],
    [252_000_000_000, '4 min 12 s'],
    [3_599_700_000_000, '1 h 0 min'],
    [11_040_000_000_000, '3 h 4 min'],
  ];
  for (const [nanos, text] of cases) assert.equal(formatDuration(nanos), text);
  assert.equal(formatShare(0.3971), '39.7%');
});
