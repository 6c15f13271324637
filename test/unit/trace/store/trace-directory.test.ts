import assert from 'node:assert/strict';
import { test } from 'node:test';
import { traceDirectory } from '../../../../src/trace/store/trace-directory.ts';

test("the store is in the configured directory, else in the user's state directory", () => {
  const home = { HOME: '/home/u' };
  const cases: [Record<string, string>, boolean, string | undefined][] = [
    [{}, false, '/var/lib/davit/traces'],
    [{ DAVIT_TRACE_DIR: '/t' }, false, '/t'],
    [{ DAVIT_TRACE_DIR: '/t', ...home }, true, '/t'],
    [{ XDG_STATE_HOME: '/s', ...home }, true, '/s/davit/traces'],
    [{ XDG_STATE_HOME: 'relative', ...home }, true, '/home/u/.local/state/davit/traces'],
    [home, true, '/home/u/.local/state/davit/traces'],
    [{}, true, undefined],
    [{ OTEL_SDK_DISABLED: 'TRUE', DAVIT_TRACE_DIR: '/t' }, false, undefined],
    [{ OTEL_SDK_DISABLED: '1', DAVIT_TRACE_DIR: '/t' }, false, '/t'],
  ];
  for (const [environment, rootless, expected] of cases) {
    assert.equal(traceDirectory(environment, rootless), expected, JSON.stringify(environment));
  }
});
