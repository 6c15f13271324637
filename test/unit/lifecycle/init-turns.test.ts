import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LifecycleBus } from '../../../src/bus/bus.ts';
import type { OnFailure } from '../../../src/context/cleanup.ts';
import type { RuntimeContext } from '../../../src/context/context.ts';
import { container, runtime, undoable } from '../../../src/context/stage.ts';
import { RuntimeError } from '../../../src/errors/runtime-error.ts';
import { StageError } from '../../../src/errors/stage-error.ts';
import { SharedChannel } from '../../../src/init/shared/shared-channel.ts';
import { Walk } from '../../../src/init/walk.ts';
import { runStages } from '../../../src/lifecycle/engine.ts';
import { InitEnded } from '../../../src/lifecycle/init-ended.ts';
import { SOCK_SEQPACKET, socketpair } from '../../../src/syscalls/network/socket.ts';

interface Run {
  bus?: LifecycleBus;
  /** The function of each stage, by the stage's name. */
  does?: Readonly<Record<string, (ctx: RuntimeContext, init: { alive: boolean }) => void>>;
}

/**
 * Runs the list `create, mounts, pivotRoot, hooks, sysctl` with an init that is this process: the
 * engine, the walk and the channel are real, only the thread does not move. Returns what happened,
 * in order: `init:` is where the thread would have moved to init.
 */
async function run(t: TestContext, { bus = new LifecycleBus(), does = {} }: Run = {}) {
  const steps: string[] = [];
  const [runtimesEnd, initsEnd] = socketpair(SOCK_SEQPACKET);
  const channel = new SharedChannel(runtimesEnd);
  t.after(() => {
    channel.close();
    new SharedChannel(initsEnd).close();
  });
  const init = { alive: true, shares: true, run: moveTo, end() {} };
  const ctx = {
    ...{ id: 'web1', bus, channel, hookRuns: [], mountRuns: [], pluginCalls: [], record: {} },
    ...{ bundle: '/b', rootfs: '/b/rootfs', spec: { ociVersion: '' } },
    stageTraceEnvironment: () => ({}),
  } as unknown as RuntimeContext;
  const side = (name: string) => () => {
    steps.push(name);
    does[name]?.(ctx, init);
  };
  const stages = [
    undoable('create', '', (_: RuntimeContext, onFailure: OnFailure) => {
      steps.push('create');
      onFailure.defer(() => {
        steps.push('undo create');
      });
    }),
    container('mounts', '', side('mounts')),
    container('pivotRoot', '', side('pivotRoot')),
    runtime('hooks', '', side('hooks')),
    container('sysctl', '', side('sysctl')),
  ];
  function moveTo(action: () => void): boolean {
    if (!init.alive) return false;
    steps.push('init:');
    action();
    return true;
  }
  const transport = { run: (stage: { run(ctx: never): void }) => stage.run(ctx as never) };
  channel.share(init, new Walk(stages, bus, { ...transport, javascript }), ctx);
  bus.on('stage:after', ({ stage }) => steps.push(`after ${stage}`), { canWait: true });
  bus.on('stage:error', ({ stage }) => steps.push(`error ${stage}`), { canWait: true });
  bus.on('hook:ran', ({ name }) => steps.push(`hook ${name}`), { canWait: true });
  const failure = await runStages(ctx, stages).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { steps, failure };
}

const javascript = {
  call: () => assert.fail('no plugin has a function'),
  leave: () => assert.fail('no trampoline is needed'),
  now: () => process.hrtime.bigint(),
  takeMounts: () => [],
};

test('runtime and init take turns, and init runs its stages without a pause', async (t) => {
  const { steps, failure } = await run(t);
  assert.equal(failure, undefined);
  assert.deepEqual(steps, [
    ...['create', 'after create'],
    ...['init:', 'mounts', 'pivotRoot', 'after mounts', 'after pivotRoot'],
    ...['hooks', 'after hooks'],
    ...['init:', 'sysctl', 'after sysctl'],
  ]);
});

test('a listener that cannot wait is notified before init runs the stage', async (t) => {
  const bus = new LifecycleBus();
  const heard: string[] = [];
  bus.on('mounts:before', () => heard.push('before'));
  bus.on('mounts:after', () => heard.push('after'));
  const does = {
    mounts: () => assert.deepEqual(heard, ['before']),
    pivotRoot: () => assert.deepEqual(heard, ['before', 'after']),
  };
  const { failure } = await run(t, { bus, does });
  assert.equal(failure, undefined);
});

for (const moment of ['before', 'after'] as const) {
  test(`an interceptor that throws ${moment} a stage of init fails it`, async (t) => {
    const bus = new LifecycleBus().intercept(`pivotRoot:${moment}`, async () => {
      throw new RuntimeError('not now', 'later');
    });
    const { steps, failure } = await run(t, { bus });
    assert.ok(failure instanceof StageError);
    assert.equal(failure.message, 'pivotRoot: not now');
    assert.equal(failure.hint, 'later');
    assert.equal(steps.includes('pivotRoot'), moment === 'after');
    assert.deepEqual(steps.slice(-2), ['error pivotRoot', 'undo create']);
  });
}

test('a failing stage of init ends the list, and its error is the cause', async (t) => {
  const cause = new RangeError('no room');
  const does = {
    pivotRoot: () => {
      throw cause;
    },
  };
  const { steps, failure } = await run(t, { does });
  assert.ok(failure instanceof StageError);
  assert.equal(failure.stage, 'pivotRoot');
  assert.equal(failure.cause, cause);
  assert.deepEqual(steps.slice(-3), ['after mounts', 'error pivotRoot', 'undo create']);
});

test('hooks belong to the stage that ran them', async (t) => {
  const hook = (name: string) => (ctx: RuntimeContext) =>
    ctx.hookRuns.push({ name, path: '/h', spanId: '1', begin: 1n, end: 2n });
  const does = { mounts: hook('a'), pivotRoot: hook('b') };
  const { steps } = await run(t, { does });
  const told = steps.filter((step) => step.startsWith('hook ') || step.startsWith('after '));
  assert.deepEqual(told.slice(1, 5), ['hook a', 'after mounts', 'hook b', 'after pivotRoot']);
});

test('an init that ends without a message fails its current stage', async (t) => {
  const does = {
    hooks: (_: RuntimeContext, init: { alive: boolean }) => {
      init.alive = false;
    },
  };
  const { failure } = await run(t, { does });
  assert.ok(failure instanceof StageError);
  assert.equal(failure.stage, 'sysctl');
  assert.ok(failure.cause instanceof InitEnded);
});
