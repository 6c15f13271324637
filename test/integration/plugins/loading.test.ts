import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { nodeFlags } from '../../../tools/build/node-options.ts';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { bundleWithPlugins } from '../../support/bundle-with-plugins.ts';
import { DAVIT, runCommand } from '../../support/command.ts';

const options = { skip: needsRoot };

test('--plugin takes TypeScript and CommonJS; davit plugins lists all', options, (t) => {
  const { bundle, config, command } = bundleWithPlugins(t, {
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
  assert.match(missing.stderr, /plugin \.\/absent\.ts: no such file: \//);
  const twice = bundle.runtime('--plugin', file, 'plugins', '--plugin', file);
  assert.match(twice.stderr, /plugin b: is loaded twice: /);
});

/** The required options of the plugins that come with davit. */
const OPTIONS: Record<string, object> = {
  audit: { file: '/absent/audit.jsonl' },
  metrics: { path: '/absent/davit.prom' },
  'seccomp-record': { output: '/absent/{id}.json' },
};

test('plugins may be packages in TypeScript, or come with davit', options, (t) => {
  const { bundle, config, command } = bundleWithPlugins(t, { plugins: {} });
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
  // The second run uses the compile cache.
  for (let i = 0; i < 2; i++) {
    const { stdout, stderr } = command('plugins', '--json');
    assert.equal(stderr, '');
    const names = JSON.parse(stdout).map(({ name }: { name: string }) => name);
    assert.deepEqual(names, ['typed', ...own]);
  }
  const absent = bundle.runtime('--plugin', 'davit/plugins/absent', 'plugins');
  assert.match(
    absent.stderr,
    /plugin davit\/plugins\/absent: no such file: \/.*plugins\/absent\/index\.ts/,
  );
});

test('invalid configuration files are refused', options, (t) => {
  const { config, run } = bundleWithPlugins(t, { plugins: { a: '' } });
  writeFileSync(config, '{ "plugins": [{ "plugin": "./a.ts", "timeout": 0 }] }');
  assert.match(run().stderr, /plugins\[0\]\.timeout: expected a number of milliseconds above 0/);
  writeFileSync(config, '{ "plugin": [] }');
  assert.match(run().stderr, /davit\.json: plugin: expected only "plugins"/);
  writeFileSync(config, '{ "plugins": ["./a.ts", ""] }');
  assert.match(run().stderr, /davit\.json: plugins\[1\]: expected a path, a package or an object/);
  writeFileSync(config, '[]');
  assert.match(run().stderr, /davit\.json: \$: expected an object/);
  writeFileSync(config, '{ "$schema": "davit.json", "plugins": ["./a.ts"] }');
  assert.equal(run().stderr, '');
});

const MALLORY = 4321;

/**
 * Makes a directory with a configuration file. Its plugin imports another module and writes a file
 * when it runs.
 */
function configured(t: TestContext) {
  const { dir } = makeBundle(t);
  mkdirSync(join(dir, 'davit/code'), { recursive: true });
  const [config, plugin, library] = ['config.json', 'code/plugin.mjs', 'code/library.mjs'].map(
    (n) => join(dir, 'davit', n),
  ) as [string, string, string];
  const ran = join(dir, 'ran');
  writeFileSync(config, '{ "plugins": ["./code/plugin.mjs"] }');
  writeFileSync(library, `import { writeFileSync } from 'node:fs'; writeFileSync('${ran}', '');\n`);
  writeFileSync(plugin, "import './library.mjs'; export default { name: 'p' };\n");
  return { dir, config, plugin, library, ran };
}

suite('davit loads only files that other users cannot change', options, () => {
  const list = (env: Record<string, string>, ...args: string[]) =>
    runCommand(DAVIT, [...args, 'plugins'], { env });
  const refused = { status: 1, stdout: '' };

  for (const part of ['config', 'plugin', 'library'] as const) {
    test(`refused: the ${part} belongs to another user`, (t) => {
      const files = configured(t);
      chownSync(files[part], MALLORY, MALLORY);
      const { stderr, ...done } = list({ DAVIT_CONFIG: files.config });
      assert.match(stderr, new RegExp(`${files[part]} belongs to uid ${MALLORY}.*chown`));
      assert.deepEqual(done, { ...refused, signal: null });
      assert.ok(!existsSync(files.ran));
    });
    test(`refused: other users may write to the ${part}, or to a directory on its path`, (t) => {
      const files = configured(t);
      for (const [path, mode] of [
        [files[part], 0o646],
        [dirname(files[part]), 0o757],
        [files.dir, 0o757],
      ] as const) {
        chmodSync(path, mode);
        const { stderr } = list({ DAVIT_CONFIG: files.config });
        assert.match(
          stderr,
          new RegExp(`${path} is writable for users other than its owner.*.*chmod go-w ${path}`),
        );
        chmodSync(path, mode & 0o755);
        assert.ok(!existsSync(files.ran));
      }
      assert.equal(list({ DAVIT_CONFIG: files.config }).status, 0);
      assert.ok(existsSync(files.ran));
    });
  }

  test('refused: a group other than root’s or the owner’s may write', (t) => {
    const files = configured(t);
    chmodSync(files.plugin, 0o664);
    assert.equal(list({ DAVIT_CONFIG: files.config }).status, 0);
    chownSync(files.plugin, 0, 100);
    assert.match(
      list({ DAVIT_CONFIG: files.config }).stderr,
      /plugin\.mjs is writable for users other/,
    );
  });

  test("root's configuration is not loaded through another user's symlink", (t) => {
    const files = configured(t);
    const mallorys = join(files.dir, 'mallory');
    mkdirSync(join(mallorys, 'davit'), { recursive: true });
    symlinkSync(files.config, join(mallorys, 'davit/config.json'));
    for (const path of [mallorys, join(mallorys, 'davit')]) chownSync(path, MALLORY, MALLORY);
    const { status, stderr } = list({ XDG_CONFIG_HOME: mallorys });
    assert.equal(status, 1);
    assert.match(stderr, /mallory belongs to uid 4321/);
  });

  test('with a symlinked configuration file, plugins are found beside its target', (t) => {
    const files = configured(t);
    const link = join(files.dir, 'link.json');
    symlinkSync('davit/config.json', link);
    mkdirSync(join(files.dir, 'code'));
    writeFileSync(join(files.dir, 'code/plugin.mjs'), 'throw new Error("the wrong one")');
    const { status, stdout, stderr } = list({ DAVIT_CONFIG: link });
    assert.equal(stderr, '');
    assert.equal(status, 0);
    assert.ok(stdout.includes(files.plugin));
  });

  test('--plugin takes files of the user who called sudo; a configuration does not', (t) => {
    const files = configured(t);
    for (const file of [files.plugin, files.library]) chownSync(file, MALLORY, MALLORY);
    const sudo = { SUDO_UID: String(MALLORY) };
    assert.match(list({}, '--plugin', files.plugin).stderr, /belongs to uid 4321/);
    assert.equal(list(sudo, '--plugin', files.plugin).stderr, '');
    assert.match(list({ ...sudo, DAVIT_CONFIG: files.config }).stderr, /belongs to uid 4321/);
  });
});

test('the plugins of an embedding program are called for each container', options, (t) => {
  const bundle = makeBundle(t);
  const { id } = bundle;
  const { stdout, stderr } = runCommand(process.execPath, [
    ...[...nodeFlags, join(import.meta.dirname, 'embed-plugins.ts')],
    ...[bundle.root, bundle.dir, id],
  ]);
  assert.equal(stderr, '');
  assert.deepEqual(JSON.parse(stdout), [
    ...[`created ${id}-a`, `created ${id}-b`],
    ...['status 3', `deleted ${id}-a`],
    ...['status 4', `deleted ${id}-b`],
  ]);
});
