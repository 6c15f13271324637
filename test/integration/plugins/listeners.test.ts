import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { bundleWithPlugins } from '../../support/bundle-with-plugins.ts';

const options = { skip: needsRoot };

test('a listener can neither break nor delay the container', options, (t) => {
  const { bundle, run } = bundleWithPlugins(t, {
    args: ['sh', '-c', 'echo ran; exit 3'],
    plugins: {
      loud: `on: {
        'container:created': () => { throw new Error('boom'); },
        'pivotRoot:before': async () => { throw new Error('later'); },
        'stage:after': () => new Promise(() => {}),
      }`,
    },
  });
  const { status, stdout, stderr } = run();
  assert.deepEqual({ status, stdout }, { status: 3, stdout: 'ran\n' });
  assert.match(stderr, /plugin loud: container:created: boom/);
  assert.match(stderr, /plugin loud: pivotRoot:before: later/);
  assert.match(stderr, /plugin loud: stage:after: not done within 1000 ms/);
  bundle.expectNothingLeft();
});

test('listeners get the statuses in order', options, (t) => {
  const statuses = ['creating', 'created', 'running', 'stopped', 'deleted'];
  const listeners = statuses.map(
    (status) => `'container:${status}': (e, ctx) => ctx.log('${status} ' + (e.exitStatus ?? ''))`,
  );
  const { run } = bundleWithPlugins(t, {
    args: ['sh', '-c', 'exit 5'],
    plugins: { diary: `on: { ${listeners.join(',\n')} }` },
  });
  const told = [...run().stderr.matchAll(/plugin diary: (\w+) (\d*)/g)].map(([, a, b]) => a! + b);
  assert.deepEqual(told, ['creating', 'created', 'running', 'stopped5', 'deleted']);
});

test('listeners get the command’s result and duration', options, (t) => {
  const { bundle, command } = bundleWithPlugins(t, {
    args: ['sh', '-c', 'sleep 1; exit 3'],
    plugins: {
      clerk: `
        before: { mounts({ spec }) { if (spec.hostname === 'no') throw new Error('no'); } },
        on: {
          'command:after': (e, { log, elapsed }) => log(JSON.stringify({ ...e, elapsed: elapsed() })),
          'command:error': (e, { log }) => log(JSON.stringify(e)),
        }`,
    },
  });
  const event = (...args: string[]) => {
    const { stderr } = command('--log-format', 'json', ...args, bundle.id);
    const line = stderr.split('\n').find((line) => line.includes('plugin clerk'))!;
    return JSON.parse(JSON.parse(line).msg.slice('plugin clerk: '.length));
  };
  const run = ['run', '--bundle', bundle.dir];
  const { id, command: name, exitStatus, duration, elapsed } = event(...run);
  assert.deepEqual([id, name, exitStatus], [bundle.id, 'run', 3]);
  // The program's second is not davit's. On a busy machine the two begin apart.
  assert.ok(duration > 0 && duration < elapsed - 500, `${duration} of ${elapsed}`);
  bundle.configure((spec) => {
    spec.hostname = 'no';
  });
  const failed = event(...run);
  assert.deepEqual([failed.command, failed.stage], ['run', 'mounts']);
  assert.equal(failed.error.message, 'mounts: plugin clerk: before mounts: no');
  const absent = event('start');
  assert.deepEqual([absent.stage, absent.error.message], [undefined, 'container does not exist']);
});
