import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeBundle, needsRoot } from '../../test/support/bundle.ts';
import { excesses } from './budget.ts';

const options = { skip: needsRoot };

/**
 * A container whose createRuntime hook takes 0.2 s; with `slowStart`, a startContainer hook takes
 * as long.
 */
function budgeted(t: TestContext, given: object, { annotation, slowStart }: Container = {}) {
  const bundle = makeBundle(t, {
    args: ['sleep', '1000'],
    spec(spec) {
      const sleep = { path: '/bin/sleep', args: ['sleep', '0.2'] };
      spec.hooks = { createRuntime: [sleep], ...(slowStart && { startContainer: [sleep] }) };
      if (annotation) spec.annotations = { 'org.davit.startup-budget': annotation };
    },
  });
  const config = join(bundle.dir, 'davit.json');
  const plugins = [{ plugin: join(import.meta.dirname, 'index.ts'), options: given }];
  writeFileSync(config, JSON.stringify({ plugins }));
  const env = { DAVIT_CONFIG: config };
  const command = (...line: string[]) => bundle.runtimeWith({ env }, ...line);
  const create = () => command('create', '--bundle', bundle.dir, bundle.id);
  return { bundle, command, create };
}

interface Container {
  annotation?: string;
  slowStart?: boolean;
}

const HOUR = 3_600_000;

test('the message names the stage that took most of the budget', () => {
  const spending = { total: 900, stages: { mounts: 5.25, createRuntimeHooks: 600 } };
  assert.deepEqual(excesses({ total: 1000, stages: { mounts: 6 } }, spending), []);
  assert.deepEqual(excesses({ total: 800, stages: { mounts: 5 } }, spending), [
    {
      subject: 'total',
      message:
        'startup took 900 ms of a budget of 800 ms: createRuntimeHooks took 600 ms of it (67%)',
    },
    { subject: 'mounts', message: 'mounts took 5.3 ms of a budget of 5.0 ms' },
  ]);
  const [excess] = excesses({ total: 10, stages: {} }, { total: 50, stages: { mounts: 5 } });
  assert.match(excess!.message, /: the time outside of stages took 45 ms of it \(90%\)$/);
});

test('an exceeded budget is reported once, and the container runs', options, (t) => {
  const given = { total: HOUR, stages: { createRuntimeHooks: 100 } };
  const { bundle, command, create } = budgeted(t, given);
  assert.match(
    create().stderr,
    /plugin startup-budget: createRuntimeHooks took \d+ ms of a budget of 100 ms/,
  );
  assert.equal(command('start', bundle.id).stderr, '');
  assert.equal(bundle.state().status, 'running');
});

test('create and start share one budget', options, (t) => {
  const { bundle, command, create } = budgeted(t, { total: HOUR }, { slowStart: true });
  assert.equal(create().stderr, '');
  // Pretend that create took nearly the whole budget.
  const file = join(bundle.root, bundle.id, 'state.json');
  const state = JSON.parse(readFileSync(file, 'utf8'));
  const notes = state.plugins['startup-budget'];
  assert.ok(notes.created >= notes.stages.createRuntimeHooks && notes.created < HOUR);
  notes.created = HOUR - 100;
  writeFileSync(file, JSON.stringify(state));
  assert.match(
    command('start', bundle.id).stderr,
    /startup took 36\d{5} ms of a budget of 3600000 ms: the time outside of stages took/,
  );
});

test('enforced: a container over its budget is refused, and nothing is left', options, (t) => {
  const { bundle, create } = budgeted(t, { stages: { createRuntimeHooks: 100 }, enforce: true });
  const { status, stderr } = create();
  assert.equal(status, 1);
  assert.match(
    stderr,
    /saveState: plugin startup-budget: before saveState: createRuntimeHooks took \d+ ms of a budget of 100 ms$/m,
  );
  bundle.expectNothingLeft();
});

test('enforced at start: the program does not run', options, (t) => {
  const given = { stages: { startContainerHooks: 100 }, enforce: true };
  const { bundle, command, create } = budgeted(t, given, { slowStart: true });
  assert.equal(create().stderr, '');
  const started = command('start', bundle.id);
  assert.equal(started.status, 1);
  assert.match(
    started.stderr,
    /exec: plugin startup-budget: before exec: startContainerHooks took \d+ ms of a budget of 100 ms$/m,
  );
  assert.equal(bundle.state().status, 'stopped');
});

test('an annotation replaces the budget for one container', options, (t) => {
  const annotation = `total=${HOUR}, createRuntimeHooks=${HOUR}`;
  const { create } = budgeted(t, { total: 1, stages: { createRuntimeHooks: 1 } }, { annotation });
  assert.equal(create().stderr, '');
  const strict = budgeted(t, { total: HOUR, enforce: true }, { annotation: '1' });
  assert.match(
    strict.create().stderr,
    /before saveState: startup took \d+ ms of a budget of 1.0 ms/,
  );
});

test('invalid budgets are refused', options, (t) => {
  for (const [given, expected] of [
    [{ total: 0 }, 'options: total: expected a number of milliseconds above 0, found 0'],
    [
      { stages: { mount: 5 } },
      'options: stages.mount: expected a stage of `davit stages`, found mount',
    ],
    [{ budget: 5 }, 'options: budget: expected one of total, stages, enforce'],
  ] as const) {
    const { command } = budgeted(t, given);
    assert.ok(command('plugins').stderr.includes(`plugin startup-budget: ${expected}`), expected);
  }
  const { create } = budgeted(t, {}, { annotation: 'mounts=fast' });
  assert.match(
    create().stderr,
    /validate: annotations\["org\.davit\.startup-budget"\]: expected a number of milliseconds above 0, found "fast"$/m,
  );
});
