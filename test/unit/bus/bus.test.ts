import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LifecycleBus } from '../../../src/bus/bus.ts';
import { Interval } from '../../../src/bus/events.ts';
import type { StageQuestion } from '../../../src/bus/questions.ts';

type Stage = 'pivotRoot' | 'mounts';
const before = {
  id: 'web1',
  stage: 'pivotRoot',
  side: 'container',
  startTime: 1,
} as const;
const ran = { ...before, duration: 3, interval: new Interval(0n, 3_000_000n) };
const created = { id: 'web1', bundle: '/b', pid: 7, time: 1 };

test('a stage is reported to listeners of all stages, then to its own listeners', () => {
  const bus = new LifecycleBus<Stage>();
  const heard: string[] = [];
  bus.on('pivotRoot:before', ({ stage }) => heard.push(`own ${stage}`));
  bus.on('stage:before', ({ stage }) => heard.push(`all ${stage}`));
  bus.on('mounts:before', () => heard.push('other'));
  bus.on('stage:after', ({ duration }) => heard.push(`after ${duration}`));
  bus.on('pivotRoot:error', ({ error }) => heard.push(`error ${error.message}`));
  bus.before(before);
  bus.after(ran);
  bus.error({ ...ran, error: { message: 'no' } });
  assert.deepEqual(heard, ['all pivotRoot', 'own pivotRoot', 'after 3', 'error no']);
});

test('a failing listener does not stop others, and its failure is kept', async () => {
  const bus = new LifecycleBus<Stage>();
  let heard = 0;
  bus.on('container:created', function thrower() {
    throw new Error('thrown');
  });
  bus.on('container:created', async function rejecter() {
    throw new Error('rejected');
  });
  bus.on('container:created', () =>
    Object.defineProperty({}, 'then', { get: () => assert.fail('then') }),
  );
  bus.on('container:created', () => {
    heard += 1;
  });
  bus.emit('container:created', created);
  assert.equal(heard, 1);
  await bus.settled(1000);
  assert.deepEqual(
    bus.failures.map(({ event, listener, error }) => [event, listener, (error as Error).message]),
    [
      ['container:created', 'thrower', 'thrown'],
      ['container:created', '', 'then'],
      ['container:created', 'rejecter', 'rejected'],
    ],
  );
});

test('settled waits for listeners, up to its limit', async () => {
  const bus = new LifecycleBus<Stage>();
  let done = false;
  bus.on('container:running', async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    done = true;
  });
  bus.emit('container:running', created);
  await bus.settled(5000);
  assert.equal(done, true);
  bus.on('container:stopped', () => new Promise(() => {}));
  bus.emit('container:stopped', created);
  await bus.settled(30);
});

test('off removes one listener, and once listens for one event', () => {
  const bus = new LifecycleBus<Stage>();
  let heard = 0;
  const listener = () => {
    heard += 1;
  };
  bus.on('container:created', listener).once('container:created', listener);
  bus.off('container:created', () => {});
  bus.emit('container:created', created);
  assert.equal(heard, 2);
  bus.emit('container:created', created);
  assert.equal(heard, 3);
  bus.off('container:created', listener);
  bus.emit('container:created', created);
  assert.equal(heard, 3);
});

test('names and payloads are checked by the compiler', () => {
  const bus = new LifecycleBus<Stage>();
  // @ts-expect-error no such stage
  bus.on('pivotroot:before', () => {});
  // @ts-expect-error no such status
  bus.on('container:paused', () => {});
  // @ts-expect-error a stage has no duration before it ran
  bus.on('pivotRoot:before', ({ duration }) => duration);
  // @ts-expect-error incomplete payload
  bus.emit('container:created', { id: 'web1' });
  bus.on('pivotRoot:after', ({ stage, duration }) => {
    stage satisfies 'pivotRoot';
    duration satisfies number;
  });
  assert.deepEqual(bus.failures, []);
});

test('a failing listener is reported once, and at most 100 failures are kept', () => {
  const reports: string[] = [];
  const bus = new LifecycleBus<Stage>(undefined, (failure) => reports.push(failure));
  bus.on('container:created', function broken() {
    throw new Error('no');
  });
  for (let i = 0; i < 100_000; i++) bus.emit('container:created', created);
  assert.deepEqual(reports, ['the listener broken of container:created failed: no']);
  assert.equal(bus.failures.length, 100);
  assert.equal(bus.failureCount, 100_000);
});

test('interceptors run in order, the parent bus last, until the first veto', async () => {
  const program = new LifecycleBus<Stage>();
  const bus = new LifecycleBus<Stage>(program);
  const asked: string[] = [];
  program.intercept('pivotRoot:before', ({ id, stage }) => asked.push(`program ${id} ${stage}`));
  bus.intercept('pivotRoot:before', async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    asked.push('first');
  });
  bus.intercept('pivotRoot:before', () => asked.push('second'));
  const question = { id: 'web1', stage: 'pivotRoot' } as StageQuestion<'pivotRoot'>;
  await bus.ask('pivotRoot:before', question);
  assert.deepEqual(asked, ['first', 'second', 'program web1 pivotRoot']);
  bus.intercept('mounts:before', () => {
    throw new Error('refused');
  });
  bus.intercept('mounts:before', () => assert.fail('asked after a veto'));
  await assert.rejects(bus.ask('mounts:before', {} as StageQuestion<'mounts'>), /refused/);
  assert.deepEqual(bus.questions.sort(), ['mounts:before', 'pivotRoot:before']);
});

test('a prompt listener or interceptor, also of the parent, needs the runtime at its stage', () => {
  const program = new LifecycleBus<Stage>();
  const bus = new LifecycleBus<Stage>(program);
  const listener = () => {};
  bus.on('stage:after', () => {}, { canWait: true });
  assert.equal(bus.needsRuntimeAt('pivotRoot'), false);
  program.on('pivotRoot:before', listener);
  assert.equal(bus.needsRuntimeAt('pivotRoot'), true);
  assert.equal(bus.hasPromptListenerBefore('pivotRoot'), true);
  assert.equal(bus.needsRuntimeAt('mounts'), false);
  program.off('pivotRoot:before', listener);
  assert.equal(bus.needsRuntimeAt('pivotRoot'), false);
  program.intercept('mounts:after', () => {});
  assert.equal(bus.needsRuntimeAt('mounts'), true);
  assert.equal(bus.hasPromptListenerBefore('mounts'), false);
});

test('JSON of a stage has milliseconds, and no nanoseconds', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(ran)), { ...before, duration: 3 });
});
