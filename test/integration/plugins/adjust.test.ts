import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { assertRunFails, bundleWithPlugins } from '../../support/bundle-with-plugins.ts';

const options = { skip: needsRoot };

test('adjustments are applied to the container and to the stored config.json', options, (t) => {
  const { bundle, command } = bundleWithPlugins(t, {
    args: ['sh', '-c', 'env; ulimit -n; cat /given/file; hostname; sleep 1000'],
    plugins: {
      one: `adjust: (spec) => ({
        args: ['sh', '-c', 'env; ulimit -n; cat /given/file; echo done; sleep 1000'],
        env: { ADDED: spec.hostname, TERM: null },
        rlimits: { RLIMIT_NOFILE: { soft: 77, hard: 78 } },
        resources: { pids: { limit: 33 } },
      })`,
      two: `adjust: async (spec, { bundle }) => ({
        mounts: { '/given': { type: 'bind', source: bundle, options: ['rbind', 'ro'] } },
        annotations: { by: 'two' },
        devices: { '/dev/zzz': { type: 'c', major: 1, minor: 5 } },
        resources: { memory: { limit: 50 << 20 } },
      })`,
    },
  });
  writeFileSync(join(bundle.dir, 'file'), 'given\n');
  const out = join(bundle.dir, 'out');
  writeFileSync(out, '');
  const created = command('create', '--bundle', bundle.dir, bundle.id);
  assert.equal(created.stderr, '');
  const { annotations } = bundle.state() as unknown as { annotations: object };
  assert.deepEqual(annotations, { by: 'two' });
  const kept = JSON.parse(readFileSync(join(bundle.root, bundle.id, 'config.json'), 'utf8'));
  assert.deepEqual(kept.linux.resources.pids, { limit: 33 });
  assert.deepEqual(kept.linux.resources.memory, { limit: 50 << 20 });
  assert.ok(!kept.process.env.some((variable: string) => variable.startsWith('TERM=')));
  assert.equal(command('start', bundle.id).stderr, '');
  const seen = bundle.exec('sh', '-c', 'cat /proc/1/limits /given/file; head -c1 /dev/zzz | wc -c');
  assert.match(seen.stdout, /Max open files +77 +78/);
  assert.match(seen.stdout, /\ngiven\n1\n$/);
  assert.match(bundle.exec('cat', '/proc/1/environ').stdout, /ADDED=davit/);
});

const refusals: [name: string, plugins: Record<string, string>, expected: RegExp][] = [
  [
    'two plugins that claim one field',
    {
      first: `adjust: () => ({ env: { A: '1', B: '1' } })`,
      second: `adjust: () => ({ env: { B: '2' } })`,
    },
    /adjustConfig: plugin second: adjust: env\.B is claimed by plugin first as well$/m,
  ],
  [
    'an adjustment that makes no configuration',
    { wrong: `adjust: () => ({ mounts: { relative: { type: 'tmpfs' } }, args: [] })` },
    /adjustConfig: plugin wrong: adjust: adjusted config.json: process.args/,
  ],
  [
    'a result that is none',
    { silly: `adjust: () => 'yes'` },
    /adjustConfig: plugin silly: adjust returned "yes": expected an object of adjustments$/m,
  ],
  [
    'a field that is not adjustable',
    { silly: `adjust: () => ({ rootfs: '/' })` },
    /adjustConfig: plugin silly: adjust returned rootfs: expected one of args, env, /,
  ],
  [
    'a field outside of its claims',
    { greedy: `claims: ['env'], adjust: () => ({ args: ['true'] })` },
    /adjustConfig: plugin greedy: adjust returned args, which is not among its claims: env$/m,
  ],
  [
    'a configuration that is changed in place',
    { mutator: `adjust(spec) { spec.process.args.push('x'); }` },
    /adjustConfig: plugin mutator: adjust: Cannot add property/,
  ],
  [
    'a configuration that a plugin refuses',
    {
      first: `adjust: () => ({ annotations: { a: 'b' } })`,
      policy: `validate(spec) { if (spec.annotations.a) throw new Error('no annotations'); }`,
    },
    /adjustConfig: plugin policy: validate: no annotations$/m,
  ],
  [
    'a stage that there is not',
    { typo: `before: { pivotroot() {} }` },
    /plugin typo: before\.pivotroot: expected a known name: did you mean pivotRoot\?$/m,
  ],
  [
    'an async function in init',
    { waiter: `inContainer: { before: { mounts: async () => {} } }` },
    /plugin waiter: inContainer\.before\.mounts: expected a synchronous function/,
  ],
  [
    'a promise in init',
    { waiter: `inContainer: { before: { mounts: () => Promise.resolve() } }` },
    /mounts: plugin waiter: inContainer.before mounts: returned a promise/,
  ],
  [
    'options that the plugin refuses',
    { picky: `options(given) { throw new Error('of must not be ' + given.of); }` },
    /plugin picky: options: of must not be picky$/m,
  ],
];

for (const [name, plugins, expected] of refusals) {
  test(`refused: ${name}`, options, (t) =>
    assertRunFails(bundleWithPlugins(t, { plugins }), expected),
  );
}

test('a plugin that changes the configuration in place gets an explanation', options, (t) => {
  assertRunFails(
    bundleWithPlugins(t, {
      plugins: { vandal: `validate(spec) { spec.process.args[0] = 'false'; }` },
    }),
    /plugin vandal: validate: .*read only.*vandal\.ts:\d+:\d+\) \(hint: the configuration that plugins are given is frozen/,
  );
});
