import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LifecycleBus } from '../../../../src/lifecycle/bus.ts';
import { Interval } from '../../../../src/lifecycle/events.ts';
import { Recorder } from '../../../../src/trace/record/recorder.ts';
import { StageSpans } from '../../../../src/trace/record/stage-spans.ts';

const hooks = { id: 'web1', stage: 'createRuntimeHooks', side: 'runtime', startTime: 1 } as const;
const pivot = { id: 'web1', stage: 'pivotRoot', side: 'container', startTime: 1 } as const;

test('a stage that runs is a span, and what a hook is a child of', () => {
  const recorder = new Recorder({ command: 'create', start: 0n });
  const spans = new StageSpans(recorder);
  const bus = new LifecycleBus();
  spans.subscribe(bus);
  assert.equal(bus.follows('pivotRoot'), false, 'spans can wait');
  assert.equal(spans.context.spanId, recorder.context.spanId);
  bus.before(hooks);
  const { spanId } = spans.context;
  assert.notEqual(spanId, recorder.context.spanId);
  bus.after({ ...hooks, duration: 1, interval: new Interval(10n, 30n) });
  assert.equal(spans.context.spanId, recorder.context.spanId);
  const error = { message: 'no', code: 'EINVAL' };
  bus.error({ ...pivot, duration: 1, interval: new Interval(30n, 50n), error });
  const [, first, second] = recorder.finish().spans;
  assert.equal(first!.spanId, spanId);
  assert.equal(first!.attributes['davit.stage.side'], 'runtime');
  assert.equal(second!.end - second!.start, 20n);
  assert.equal(second!.error, 'no');
  assert.equal(second!.attributes['davit.stage.side'], 'container');
  assert.equal(second!.attributes['error.type'], 'EINVAL');
});
