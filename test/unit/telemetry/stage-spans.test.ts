import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Recorder } from '../../../src/telemetry/recorder.ts';
import { StageSpans } from '../../../src/telemetry/stage-spans.ts';

const hooks = { name: 'createRuntimeHooks', summary: '', side: 'runtime', run() {} } as const;
const pivot = { name: 'pivotRoot', summary: '', side: 'container', run() {} } as const;

test('a stage that runs is a span, and what a hook is a child of', () => {
  const recorder = new Recorder({ command: 'create', start: 0n });
  const spans = new StageSpans(recorder);
  assert.equal(spans.context.spanId, recorder.context.spanId);
  spans.before(hooks);
  const { spanId } = spans.context;
  assert.notEqual(spanId, recorder.context.spanId);
  spans.after({ stage: hooks, begin: 10n, end: 30n });
  assert.equal(spans.context.spanId, recorder.context.spanId);
  spans.after({ stage: pivot, begin: 30n, end: 50n, failure: { message: 'no', code: 'EINVAL' } });
  const [, first, second] = recorder.finish().spans;
  assert.equal(first!.spanId, spanId);
  assert.equal(first!.attributes['davit.stage.side'], 'runtime');
  assert.equal(second!.end - second!.start, 20n);
  assert.equal(second!.error, 'no');
  assert.equal(second!.attributes['davit.stage.side'], 'container');
  assert.equal(second!.attributes['error.type'], 'EINVAL');
});
