import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LifecycleBus } from '../../../src/lifecycle/bus.ts';
import { BusObserver } from '../../../src/lifecycle/bus-observer.ts';
import type { StageAfterEvent, StageErrorEvent } from '../../../src/lifecycle/events.ts';

type Stage = 'pivotRoot' | 'mounts';
const before = {
  id: 'web1',
  stage: 'pivotRoot',
  side: 'container',
  startTime: 1,
  attributes: {},
} as const;
const created = { id: 'web1', bundle: '/b', pid: 7, time: 1 };

test('a stage is told to listeners of all stages, then to its own', () => {
  const bus = new LifecycleBus<Stage>();
  const heard: string[] = [];
  bus.on('pivotRoot:before', ({ stage }) => heard.push(`own ${stage}`));
  bus.on('stage:before', ({ stage }) => heard.push(`all ${stage}`));
  bus.on('mounts:before', () => heard.push('other'));
  bus.on('stage:after', ({ duration }) => heard.push(`after ${duration}`));
  bus.on('pivotRoot:error', ({ error }) => heard.push(`error ${error.message}`));
  bus.before(before);
  bus.after({ ...before, duration: 3 });
  bus.error({ ...before, duration: 3, error: { message: 'no' } });
  assert.deepEqual(heard, ['all pivotRoot', 'own pivotRoot', 'after 3', 'error no']);
});

test('a listener that throws or rejects stops nobody, and is kept', async () => {
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

test('settled waits for listeners, but not for ever', async () => {
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
  const start = performance.now();
  await bus.settled(30);
  assert.ok(performance.now() - start < 2000);
});

test('off takes off one listener, and once hears once', () => {
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

test('the observer turns stage runs into events with milliseconds', () => {
  const bus = new LifecycleBus<string>();
  const events: StageAfterEvent[] = [];
  const errors: StageErrorEvent[] = [];
  bus.on('stage:before', ({ stage }) => assert.equal(stage, 'pivotRoot'));
  bus.on('pivotRoot:after', (event) => events.push(event));
  bus.on('pivotRoot:error', (event) => errors.push(event));
  const observer = new BusObserver(bus, 'web1');
  const stage = { name: 'pivotRoot', summary: '', side: 'container', run() {} } as const;
  const begin = process.hrtime.bigint();
  observer.before(stage);
  observer.after({ stage, begin, end: begin + 2_500_000n });
  observer.after({ stage, begin, end: begin, failure: { message: 'no' } });
  assert.equal(events[0]!.duration, 2.5);
  assert.equal(events[0]!.id, 'web1');
  assert.ok(Math.abs(events[0]!.startTime - Date.now()) < 1000);
  assert.equal(errors[0]!.error.message, 'no');
  assert.deepEqual(bus.failures, []);
});
