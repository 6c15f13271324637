import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createStages, programStages, removeStages } from '../../../src/lifecycle/stages.ts';
import { nodeFlags } from '../../../tools/build/node-options.ts';
import { makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';

const PROGRAM = join(import.meta.dirname, 'watched-run.ts');
const options = { skip: needsRoot };

interface Heard {
  event: string;
  id?: string;
  stage?: string;
  side?: string;
  duration?: number;
  startTime?: number;
  pid?: number;
  status?: number;
  failures?: number;
  error?: { message: string; configPath?: string } | string;
}

function watch(t: TestContext, spec: (spec: TestSpec) => void): { id: string; events: Heard[] } {
  const bundle = makeBundle(t, { spec });
  const request = {
    ...{
      root: bundle.root,
      id: bundle.id,
      bundle: bundle.dir,
      noPivot: false,
      noNewKeyring: false,
    },
    ...{ preserveFds: 0, cgroupManager: 'cgroupfs', rootless: false },
  };
  const { stdout, stderr } = bundle.command(
    process.execPath,
    ...[...nodeFlags, PROGRAM, JSON.stringify(request)],
  );
  const lines = stdout.trim().split('\n');
  assert.notEqual(lines[0], '', stderr);
  bundle.expectNothingLeft();
  return { id: bundle.id, events: lines.map((line) => JSON.parse(line)) };
}

test('each stage of a run, in runtime or init, has events before and after it', options, (t) => {
  const { id, events } = watch(t, (spec) => {
    spec.process.args = ['sh', '-c', 'exit 5'];
  });
  assert.deepEqual(events.at(-1)?.status, 5);
  assert.ok(events.at(-1)!.failures! > 0, 'listeners that throw are kept');
  const order = (phase: string) =>
    events.filter(({ event }) => event === `stage:${phase}`).map(({ stage }) => stage);
  assert.deepEqual(order('before'), order('after'));
  assert.deepEqual(order('error'), []);
  const list: string[] = [...createStages, ...programStages, ...removeStages].map(
    ({ name }) => name as string,
  );
  const known = order('after').map((name) => list.indexOf(name!));
  assert.deepEqual(
    known,
    [...known].sort((a, b) => a - b),
    'in the order of the list',
  );
  assert.ok(order('after').includes('pivotRoot') && order('after').includes('exec'));
  for (const { event, duration, side, id: of } of events) {
    if (event !== 'stage:after') continue;
    assert.equal(of, id);
    assert.ok(duration! >= 0 && ['runtime', 'container'].includes(side!));
  }
  const statuses = events.filter(({ event }) => event.startsWith('container:'));
  assert.deepEqual(
    statuses.map(({ event }) => event.slice('container:'.length)),
    ['creating', 'created', 'running', 'stopped', 'deleted'],
  );
  assert.equal(events.filter(({ event }) => event === 'pivotRoot:after').length, 1);
});

test('a failing stage has an error event', options, (t) => {
  const { events } = watch(t, (spec) => {
    spec.mounts.push({ destination: '/mnt', type: 'nosuchfs', source: 'x' });
  });
  const errors = events.filter(({ event }) => event === 'stage:error');
  assert.equal(errors.length, 1);
  const [{ stage, error }] = errors as [Heard];
  assert.equal(stage, 'mounts');
  assert.match((error as { configPath: string }).configPath, /^mounts\[7\]/);
  assert.match(events.at(-1)?.error as string, /nosuchfs/);
});
