import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from '../../../../src/cli/values/duration.ts';

test("durations in the format of Go's time.ParseDuration become milliseconds", () => {
  for (const [text, milliseconds] of [
    ['0', 0],
    ['5s', 5000],
    ['+250ms', 250],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['-2s', -2000],
    ['100us', 0.1],
    ['100µs', 0.1],
  ] as const) {
    assert.equal(parseDuration(text), milliseconds, text);
  }
  for (const text of ['', '5', 's', 'soon', '5 s', '1d', '5s x']) {
    assert.equal(parseDuration(text), undefined, text);
  }
});
