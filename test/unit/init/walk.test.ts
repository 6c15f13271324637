import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LifecycleBus } from '../../../src/bus/bus.ts';
import type { InitContext } from '../../../src/context/init-context.ts';
import { container, runtime, type Stage } from '../../../src/context/stage.ts';
import { type Exchange, type Transport, Walk } from '../../../src/init/walk.ts';

const runsHere = runtime('hooks', '', () => {});
const mounts = container('mounts', '', () => {});
const pivotRoot = container('pivotRoot', '', () => {});
const calls = () => ({ calls: [], keptFds: [] });
const startWait = container('startWait', '', () => {}, { takesTurn: true, calls });
const exec = container('exec', '', () => {}, { execs: true, calls });
const enter = container('enter', '', () => {}, { needsTrampoline: true, calls });

/** A transport that records its steps. Each reading advances its clock by one. */
class Double implements Transport {
  readonly steps: string[] = [];
  readonly javascript: Transport['javascript'];
  /** The names of stages that fail. */
  readonly #failing: readonly string[];
  #time = 0n;

  constructor({ failing = [] as readonly string[], trampoline = false } = {}) {
    this.#failing = failing;
    if (trampoline) return;
    this.javascript = {
      call: (interceptor) => interceptor.run({} as InitContext),
      leave: (rest, begin) => {
        this.#do(`leave ${rest.map(({ name }) => name)} begun at ${begin}`, rest[0]!.name);
      },
      now: () => ++this.#time,
      takeMounts: () => [],
    };
  }

  run({ name }: Stage): void {
    this.#do(`run ${name}`, name);
  }

  exchange({ tell, await: awaited }: Exchange): void {
    if (awaited) return void this.steps.push(`await ${awaited}`);
    const { type, ...told } = tell;
    const shown = Object.entries(told).flatMap(([name, value]) => {
      if (name === 'stage' || name === 'plugin') return [value];
      if (name === 'asks') return value ? ['asks'] : [];
      return value === undefined
        ? []
        : [`${name} ${value instanceof Error ? value.message : value}`];
    });
    this.steps.push(['tell', type, ...shown].join(' '));
  }

  #do(step: string, stage: string): void {
    this.steps.push(step);
    if (this.#failing.includes(stage)) throw new Error(`no ${stage}`);
  }
}

/** The steps of a walk, in order. */
function stepsOf(
  stages: readonly Stage[],
  {
    bus = new LifecycleBus(),
    transport = new Double(),
    begin = undefined as bigint | undefined,
  } = {},
): string[] {
  for (const exchange of new Walk(stages, bus, transport).exchanges(begin)) {
    transport.exchange(exchange);
  }
  return transport.steps;
}

/** A bus with a plugin's function in init. A call is recorded as `call NAME`. */
function withPlugin(transport: Double, question: `${string}:${'before' | 'after'}`, fails = false) {
  const run = () => {
    transport.steps.push(`call ${question}`);
    if (fails) throw new Error('veto');
  };
  const plugin = { name: 'nice', timeout: 50 };
  return new LifecycleBus().interceptInContainer(question, { plugin, run });
}

test('init waits for its turn, runs stages without a pause, and passes the turn', () => {
  assert.deepEqual(stepsOf([runsHere, runsHere, mounts, pivotRoot, runsHere, runsHere, mounts]), [
    'await turn',
    'run mounts',
    'tell stage mounts begin 1 end 2',
    'run pivotRoot',
    'tell stage pivotRoot begin 2 end 3',
    'tell turn',
    'await turn',
    'run mounts',
    'tell stage mounts begin 4 end 5',
  ]);
});

test('interceptors of a stage are awaited before and after it, listeners are notified', () => {
  const bus = new LifecycleBus()
    .intercept('mounts:before', () => {})
    .intercept('mounts:after', () => {})
    .on('pivotRoot:before', () => {})
    .on('exec:before', () => {}, { canWait: true });
  assert.deepEqual(stepsOf([mounts, pivotRoot], { bus }), [
    'await turn',
    'tell before mounts asks',
    'await proceed',
    'run mounts',
    'tell stage mounts begin 1 end 2 asks',
    'await proceed',
    'tell before pivotRoot',
    'run pivotRoot',
    'tell stage pivotRoot begin 2 end 3',
  ]);
});

test("a plugin's functions are called before and after the stage, and timed", () => {
  const transport = new Double();
  const bus = withPlugin(transport, 'mounts:before').interceptInContainer('mounts:after', {
    run: () => transport.steps.push('call of davit itself'),
  });
  assert.deepEqual(stepsOf([mounts], { bus, transport }), [
    'await turn',
    'tell call nice call inContainer.before begin 2 timeout 50',
    'call mounts:before',
    'tell called end 3',
    'run mounts',
    'call of davit itself',
    'tell stage mounts begin 1 end 4',
  ]);
});

test('the exec of the program is announced, and the walk ends with it', () => {
  const bus = new LifecycleBus().intercept('exec:after', () => {});
  assert.deepEqual(stepsOf([mounts, exec, mounts], { bus }), [
    'await turn',
    'run mounts',
    'tell stage mounts begin 1 end 2',
    'tell exec exec begin 2',
    'run exec',
  ]);
});

test('startWait waits for the turn itself, and its wait is not measured', () => {
  const bus = new LifecycleBus().intercept('exec:before', () => {});
  assert.deepEqual(stepsOf([mounts, runsHere, startWait, exec], { bus }).slice(2), [
    'tell stage mounts begin 1 end 2',
    'tell turn',
    'run startWait',
    'tell stage startWait begin 4 end 4',
    'tell before exec asks',
    'await proceed',
    'tell exec exec begin 4',
    'run exec',
  ]);
});

test('a failing stage is reported with its times, and ends the walk', () => {
  const transport = new Double({ failing: ['pivotRoot'] });
  assert.deepEqual(stepsOf([mounts, pivotRoot, mounts, exec], { transport }), [
    'await turn',
    'run mounts',
    'tell stage mounts begin 1 end 2',
    'run pivotRoot',
    'tell failure pivotRoot begin 2 end 3 error no pivotRoot',
  ]);
});

test('a failing function of a plugin vetoes the stage', () => {
  const transport = new Double();
  const bus = withPlugin(transport, 'mounts:before', true);
  assert.deepEqual(stepsOf([mounts, pivotRoot], { bus, transport }), [
    'await turn',
    'tell call nice call inContainer.before begin 2 timeout 50',
    'call mounts:before',
    'tell failure mounts begin 1 end 3 error veto',
  ]);
});

test('a trampoline takes over the rest of the list if it needs no JavaScript', () => {
  const stages = [mounts, runsHere, startWait, exec];
  assert.deepEqual(stepsOf(stages).at(-1), 'leave startWait,exec begun at 3');
  const failed = stepsOf(stages, { transport: new Double({ failing: ['startWait'] }) });
  assert.equal(failed.at(-1), 'tell failure startWait begin 3 end 4 error no startWait');
});

test('init continues in JavaScript if an interceptor or a plugin takes part in the rest', () => {
  const asks = new LifecycleBus().intercept('exec:before', () => {});
  const transport = new Double();
  const calls = withPlugin(transport, 'exec:before');
  assert.ok(stepsOf([startWait, exec], { bus: asks }).includes('run startWait'));
  assert.ok(stepsOf([startWait, exec], { bus: calls, transport }).includes('run startWait'));
});

test('before a stage that needs a trampoline, functions for the rest are called', () => {
  const transport = new Double();
  const bus = withPlugin(transport, 'exec:before');
  assert.deepEqual(
    stepsOf([mounts, enter, runsHere, startWait, exec], { bus, transport }).slice(3),
    [
      'tell call nice call inContainer.before begin 3 timeout 50',
      'call exec:before',
      'tell called end 4',
      'leave enter,hooks,startWait,exec begun at 2',
    ],
  );
});

test('if such a function fails, the failure is that of its own stage', () => {
  const transport = new Double();
  const bus = withPlugin(transport, 'exec:before', true);
  assert.deepEqual(stepsOf([enter, startWait, exec], { bus, transport }).slice(2), [
    'call exec:before',
    'tell failure exec begin 1 end 3 error veto',
  ]);
});

test('a trampoline reports only its start time, and asks only before its start', () => {
  const transport = new Double({ trampoline: true });
  const bus = withPlugin(transport, 'enter:before')
    .intercept('enter:before', () => {})
    .intercept('exec:before', () => {})
    .on('exec:before', () => {});
  assert.deepEqual(
    stepsOf([enter, runsHere, mounts, startWait, exec], { bus, transport, begin: 7n }),
    [
      'tell before enter asks',
      'await proceed',
      'run enter',
      'tell stage enter begin 7',
      'tell turn',
      'await turn',
      'run mounts',
      'tell stage mounts',
      'run startWait',
      'tell stage startWait',
      'tell before exec',
      'tell exec exec',
      'run exec',
    ],
  );
});

test('if a trampoline cannot be made, its maker fails', () => {
  const transport = new Double({ trampoline: true, failing: ['startWait'] });
  assert.throws(() => stepsOf([startWait, exec], { transport, begin: 1n }), /no startWait/);
});
