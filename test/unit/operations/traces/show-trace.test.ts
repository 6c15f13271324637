import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { showTrace } from '../../../../src/operations/traces/show-trace.ts';
import type { TraceRequest } from '../../../../src/operations/traces/trace-request.ts';
import { decodeSpans } from '../../../../src/trace/read/otlp-decode.ts';
import { appendTrace } from '../../../../src/trace/store/store.ts';
import { CREATE_AND_START, recordLife } from '../../trace/sample-trace.ts';

const directory = mkdtempSync(join(tmpdir(), 'davit-traces-'));
after(() => rmSync(directory, { recursive: true }));
for (const id of ['web1', 'web2', 'web1']) {
  for (const trace of recordLife(id, CREATE_AND_START)) appendTrace(directory, id, trace);
}

function trace(options: Partial<TraceRequest>): string {
  const environment = { DAVIT_TRACE_DIR: directory };
  const drawing = { width: 100, color: false, unicode: true };
  return showTrace({ names: [], drawing, environment, ...options });
}

test('a trace is found by container id, by its digits, or as the latest', () => {
  assert.match(trace({ names: ['web2'] }), /^container web2 /);
  assert.match(trace({}), /^container web1 /);
  assert.match(trace({ names: ['web1'] }), /davit create[\s\S]*davit start/);
  const [first] = JSON.parse(trace({ view: 'list', names: ['web1'], json: true }));
  assert.match(trace({ names: [first.traceId.slice(0, 8)] }), new RegExp(`trace ${first.traceId}`));
});

test('several lives are listed, the oldest first', () => {
  const lines = trace({ last: 2 }).split('\n');
  assert.match(lines[0]!, /^BEGAN +CONTAINER +TRACE +TIME +LONGEST STAGE +COMMANDS$/);
  assert.match(lines[1]!, /Z {2}web2 +[0-9a-f]{8} +52\.0 ms {2}startNode 14\.6 ms +create, start$/);
  assert.match(lines[2]!, / {2}web1 /);
  assert.equal(trace({ view: 'list' }).split('\n').length, 4);
  assert.equal(trace({ names: ['web*'] }).split('\n').length, 3, 'the latest life of each');
  assert.match(trace({ slowest: 1 }), /^container web/);
});

test('only the selected commands are shown', () => {
  const text = trace({ names: ['web1'], commands: ['start'] });
  assert.match(text, /davit start/);
  assert.doesNotMatch(text, /davit create/);
  assert.throws(() => trace({ names: ['web1'], commands: ['exec', 'kill'] }), {
    message: 'container "web1" has no trace of davit exec or kill',
    hint: `traces are kept in ${directory}`,
  });
});

test('--json is one OTLP document with the same spans', () => {
  const document = JSON.parse(trace({ names: ['web1'], json: true }));
  const spans = decodeSpans(document);
  assert.equal(spans.length, 23);
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
  assert.equal(decodeSpans(JSON.parse(trace({ last: 3, json: true }))).length, 3 * 23);
});

test('--blame summarizes all lives', () => {
  const { containers, lives, runs, stages } = JSON.parse(trace({ view: 'blame', json: true }));
  assert.deepEqual({ containers, lives, runs }, { containers: 2, lives: 3, runs: 6 });
  assert.equal(stages[0].stage, 'startNode');
  assert.equal(stages[0].runs, 3);
  assert.match(trace({ view: 'blame' }), /^2 containers · 3 lives · 6 commands · 156 ms\n/);
});

test('--compare takes two names or a time', () => {
  const text = trace({ view: 'compare', names: ['web1', 'web2'] });
  assert.match(text, /^A {2}web1\nB {2}web2\n/);
  assert.match(text, /^davit create +31\.2 ms +31\.2 ms +2 +31\.2 ms +31\.2 ms +1 /m);
  assert.throws(() => trace({ view: 'compare', names: ['web1'] }), {
    message: '--compare takes two containers, or --since',
  });
  const since = Date.now() + 1000;
  assert.throws(() => trace({ view: 'compare', since }), {
    message: /^no container has a trace since/,
  });
});

test('a container without a trace is an error', () => {
  for (const id of ['x', '../web1', '', 'nothing*', '0123456789abcdef']) {
    assert.throws(() => trace({ names: [id] }), {
      message: `container "${id}" has no trace`,
      hint: `traces are kept in ${directory}`,
    });
  }
  const environment = { DAVIT_TRACE_DIR: '/nonexistent' };
  assert.throws(() => trace({ environment }), { message: 'no container has a trace' });
  assert.throws(() => trace({ failed: true }), {
    message: 'no container has a trace of a failure',
  });
  assert.throws(() => trace({ environment: { OTEL_SDK_DISABLED: 'true' } }), {
    message: 'no traces are kept',
    hint: 'OTEL_SDK_DISABLED=true turns traces off',
  });
});
