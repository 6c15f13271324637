import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type TraceOptions, traceCommand } from '../../../src/operations/trace.ts';
import { decodeSpans } from '../../../src/telemetry/otlp-decode.ts';
import { appendTrace, traceFile } from '../../../src/telemetry/store.ts';
import { CREATE_AND_START, recordLife } from '../telemetry/sample-trace.ts';

const directory = mkdtempSync(join(tmpdir(), 'davit-traces-'));
after(() => rmSync(directory, { recursive: true }));
for (const id of ['web1', 'web2', 'web1']) {
  for (const trace of recordLife(id, CREATE_AND_START)) appendTrace(directory, id, trace);
}
utimesSync(traceFile(directory, 'web2'), 1, 1);

function trace(options: Partial<TraceOptions>): string {
  const environment = { DAVIT_TRACE_DIR: directory };
  return traceCommand({
    width: 100,
    color: false,
    unicode: true,
    environment,
    ...options,
  });
}

test('a container by id, and the latest without', () => {
  assert.match(trace({ id: 'web2' }), /^container web2 /);
  assert.match(trace({}), /^container web1 /);
  assert.match(trace({ id: 'web1' }), /davit create[\s\S]*davit start/);
});

test('only the commands asked for', () => {
  const text = trace({ id: 'web1', commands: ['start'] });
  assert.match(text, /davit start/);
  assert.doesNotMatch(text, /davit create/);
  assert.throws(() => trace({ id: 'web1', commands: ['exec', 'kill'] }), {
    message: 'container "web1" has no trace of davit exec or kill',
    hint: 'it has: davit create, davit start',
  });
});

test('--json is one OTLP document with the same spans', () => {
  const document = JSON.parse(trace({ id: 'web1', json: true }));
  const spans = decodeSpans(document);
  assert.equal(spans.length, 23);
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
});

test('what has no trace is said', () => {
  for (const id of ['x', '../web1', '']) {
    assert.throws(() => trace({ id }), {
      message: `container "${id}" has no trace`,
      hint: `traces are kept in ${directory}`,
    });
  }
  const environment = { DAVIT_TRACE_DIR: '/nonexistent' };
  assert.throws(() => trace({ environment }), { message: 'no container has a trace' });
  assert.throws(() => trace({ environment: { OTEL_SDK_DISABLED: 'true' } }), {
    message: 'no traces are kept',
    hint: 'OTEL_SDK_DISABLED=true turns traces off',
  });
});
