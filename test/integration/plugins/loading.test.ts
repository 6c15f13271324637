import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeFlags } from '../../../build/node-options.ts';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { runCommand } from '../../support/command.ts';
import { fails, plugged } from '../../support/plugged.ts';

const options = { skip: needsRoot };

test('--plugin takes files and CommonJS; davit plugins lists all, in order', options, (t) => {
  const { bundle, config, command } = plugged(t, {
    plugins: {
      a: `claims: ['env'], adjust() {}, before: { mounts() {} }, on: { 'stage:after'() {} }`,
    },
  });
  const file = join(bundle.dir, 'b.cjs');
  writeFileSync(
    file,
    `module.exports = { name: 'b', inContainer: { after: { pivotRoot() {} } } };`,
  );
  const { stdout, stderr } = command('--plugin', file, 'plugins', '--json');
  assert.equal(stderr, '');
  assert.deepEqual(JSON.parse(stdout), [
    {
      ...{ name: 'a', file: join(bundle.dir, 'a.ts'), from: config, timeout: 5000 },
      calls: ['adjust', 'before mounts', 'on stage:after'],
      claims: ['env'],
    },
    { name: 'b', file, from: '--plugin', timeout: 5000, calls: ['inContainer.after pivotRoot'] },
  ]);
  assert.match(
    command('plugins').stdout,
    /^a +\S+a\.ts +\S+ +env +adjust, before mounts, on stage/m,
  );
  const missing = bundle.runtime('--plugin', './absent.ts', 'plugins');
  assert.match(missing.stderr, /plugin \.\/absent\.ts: there is no \//);
  const twice = bundle.runtime('--plugin', file, 'plugins', '--plugin', file);
  assert.match(twice.stderr, /plugin b: is there twice: /);
});

/** What plugins that come with davit cannot do without. */
const OPTIONS: Record<string, object> = {
  audit: { file: '/absent/audit.jsonl' },
  metrics: { path: '/absent/davit.prom' },
  'seccomp-record': { output: '/absent/{id}.json' },
};

test('a package may be TypeScript; davit has plugins of its own', options, (t) => {
  const { bundle, config, command } = plugged(t, { plugins: {} });
  const directory = join(bundle.dir, 'node_modules/davit-typed');
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, 'package.json'),
    JSON.stringify({ name: 'davit-typed', type: 'module', exports: './index.ts' }),
  );
  writeFileSync(join(directory, 'value.ts'), 'export const value: string = "typed" as const;\n');
  writeFileSync(
    join(directory, 'index.ts'),
    `import { definePlugin, type Plugin } from 'davit/plugin';
import { value } from './value.ts';
const plugin: Plugin = definePlugin({ name: value });
export default plugin;\n`,
  );
  const own = readdirSync(join(import.meta.dirname, '../../../plugins'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const entries = own.map((name) => ({
    plugin: `davit/plugins/${name}`,
    options: OPTIONS[name] ?? {},
  }));
  writeFileSync(config, JSON.stringify({ plugins: ['davit-typed', ...entries] }));
  // The second time, from the cache.
  for (let i = 0; i < 2; i++) {
    const { stdout, stderr } = command('plugins', '--json');
    assert.equal(stderr, '');
    const names = JSON.parse(stdout).map(({ name }: { name: string }) => name);
    assert.deepEqual(names, ['typed', ...own]);
  }
  const absent = bundle.runtime('--plugin', 'davit/plugins/absent', 'plugins');
  assert.match(
    absent.stderr,
    /plugin davit\/plugins\/absent: there is no \/.*plugins\/absent\/index\.ts/,
  );
});

test('a configuration file that others may write to is refused', options, (t) => {
  const { bundle, config, run } = plugged(t, { plugins: { a: '' } });
  chmodSync(config, 0o666);
  fails({ bundle, config, run, command: () => run() }, /may be written by others/);
  chmodSync(config, 0o644);
  writeFileSync(config, '{ "plugins": [{ "plugin": "./a.ts", "timeout": 0 }] }');
  assert.match(run().stderr, /plugins\[0\]\.timeout: expected milliseconds, more than 0/);
  writeFileSync(config, '{ "plugin": [] }');
  assert.match(run().stderr, /davit\.json: plugin: expected only "plugins"/);
});

test('an embedding program has plugins, told of each container once', options, (t) => {
  const bundle = makeBundle(t);
  const { id } = bundle;
  const { stdout, stderr } = runCommand(process.execPath, [
    ...[...nodeFlags, join(import.meta.dirname, '../../support/embed-plugins.ts')],
    ...[bundle.root, bundle.dir, id],
  ]);
  assert.equal(stderr, '');
  assert.deepEqual(JSON.parse(stdout), [
    ...[`created ${id}-a`, `created ${id}-b`],
    ...['status 3', `deleted ${id}-a`],
    ...['status 4', `deleted ${id}-b`],
  ]);
});
