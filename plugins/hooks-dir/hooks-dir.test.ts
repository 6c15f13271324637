import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeBundle, needsRoot, type TestSpec } from '../../test/support/bundle.ts';
import { readHook } from './read-hook.ts';

const options = { skip: needsRoot };

type Files = Record<string, unknown>;

/**
 * A bundle with hooks directories, of increasing precedence, and a hook program that appends its
 * arguments to a log. `%` in the files is replaced by the program's path.
 */
function hooked(
  t: TestContext,
  directories: Record<string, Files>,
  change?: (spec: TestSpec) => void,
) {
  const bundle = makeBundle(t, { args: ['/bin/true'], spec: change });
  const log = join(bundle.dir, 'log');
  const program = join(bundle.dir, 'program');
  writeFileSync(program, `#!/bin/sh\necho "$*" >> ${log}\n`);
  chmodSync(program, 0o755);
  for (const [name, files] of Object.entries(directories)) {
    mkdirSync(join(bundle.dir, name));
    for (const [file, content] of Object.entries(files)) {
      const text = typeof content === 'string' ? content : JSON.stringify(content);
      writeFileSync(join(bundle.dir, name, file), text.replaceAll('%', program));
    }
  }
  const config = join(bundle.dir, 'davit.json');
  const paths = Object.keys(directories).map((name) => join(bundle.dir, name));
  const plugin = join(import.meta.dirname, 'index.ts');
  writeFileSync(config, JSON.stringify({ plugins: [{ plugin, options: { directories: paths } }] }));
  const env = { DAVIT_CONFIG: config };
  return {
    bundle,
    /** Runs the container and returns what its hooks have written. */
    ran(): string[] {
      rmSync(log, { force: true });
      writeFileSync(log, '');
      const run = bundle.runtimeWith({ env }, 'run', '--bundle', bundle.dir, bundle.id);
      assert.equal(run.status, 0, run.stderr);
      return readFileSync(log, 'utf8').split('\n').slice(0, -1);
    },
    fails(): string {
      const run = bundle.runtimeWith({ env }, 'run', '--bundle', bundle.dir, bundle.id);
      assert.equal(run.status, 1);
      bundle.expectNothingLeft();
      return run.stderr;
    },
  };
}

const says = (word: string, when: object, stages = ['createRuntime']) => ({
  version: '1.0.0',
  hook: { path: '%', args: ['program', word] },
  when,
  stages,
});
const always = { always: true };

test('files run by lower-cased name; a later directory overrides an earlier', options, (t) => {
  const { ran } = hooked(t, {
    usr: {
      '01-my-hook.json': says('one', always),
      '01-UPPERCASE.json': says('two', always),
      '02-masked.json': says('masked', always),
      'ignored.txt': 'no JSON',
    },
    absent: {},
    etc: { '00-first.json': says('first', always), '02-masked.json': says('three', always) },
  });
  assert.deepEqual(ran(), ['first', 'one', 'two', 'three']);
});

test('a hook runs at each stage that its file names', options, (t) => {
  const { ran } = hooked(t, {
    etc: { 'a.json': says('a', always, ['prestart', 'createRuntime', 'poststart', 'poststop']) },
  });
  assert.deepEqual(ran(), ['a', 'a', 'a', 'a']);
});

test('a hook runs only if all its conditions are met', options, (t) => {
  const { ran } = hooked(
    t,
    {
      etc: {
        'a.json': says('never', { always: false }),
        'b.json': says('annotations', {
          annotations: { '^com\\.example\\.dep': '^[[:alpha:]]+-x$' },
        }),
        'c.json': says('other value', { annotations: { '^com\\.example\\.department$': 'chem' } }),
        'd.json': says('other key', { annotations: { '^example': 'fluid' } }),
        'e.json': says('command', { commands: ['/sh$', '/tr.e$'] }),
        'f.json': says('other command', { commands: ['/sh$'] }),
        'g.json': says('binds', { hasBindMounts: true }),
        'h.json': says('one of two', { always: true, commands: ['/sh$'] }),
        'i.json': says('both', { hasBindMounts: true, commands: ['true'] }),
      },
    },
    (spec) => {
      spec.annotations = { 'com.example.department': 'fluid-x' };
      spec.mounts.push({ destination: '/mnt', type: 'bind', source: '/usr', options: ['rbind'] });
    },
  );
  assert.deepEqual(ran(), ['annotations', 'command', 'binds', 'both']);
});

test('hasBindMounts ignores the bind mounts that container engines always add', options, (t) => {
  const { ran } = hooked(t, { etc: { 'a.json': says('a', { hasBindMounts: true }) } }, (spec) => {
    const bind = { type: 'bind', source: '/etc/hosts', options: ['rbind'] };
    spec.mounts.push({ destination: '/etc/hosts', ...bind });
  });
  assert.deepEqual(ran(), []);
});

test('schema 0.1.0: one met condition is enough', options, (t) => {
  const old = (word: string, conditions: object) => ({
    hook: '%',
    arguments: [word],
    stages: ['createRuntime'],
    ...conditions,
  });
  const { ran } = hooked(
    t,
    {
      etc: {
        'a.json': old('command', { cmds: ['true$'], annotations: ['nothing'] }),
        'b.json': old('annotation', { cmd: ['sh$'], annotation: ['^flu'] }),
        'c.json': old('none', { cmds: ['sh$'], hasbindmounts: true }),
        'd.json': { hook: '%', arguments: ['stage'], stage: ['prestart'], cmd: ['.'] },
      },
    },
    (spec) => {
      spec.annotations = { any: 'fluid' };
    },
  );
  assert.deepEqual(ran(), ['stage', 'command', 'annotation']);
});

const broken: Record<string, [unknown, RegExp]> = {
  version: [{ ...says('a', always), version: '2.0' }, /version: 2\.0: expected 1\.0\.0 or 0\.1\.0/],
  'no stages': [{ ...says('a', always), stages: [] }, /stages: expected a stage/],
  stage: [
    says('a', always, ['poststart', 'preStart']),
    /stages\[1\]: preStart: expected one of prest/,
  ],
  'no when': [{ ...says('a', always), when: undefined }, /when: is missing/],
  'an empty when': [says('a', {}), /when: expected a condition/],
  'unknown condition': [says('a', { or: true }), /when\.or: expected one of always/],
  command: [
    says('a', { commands: ['('] }),
    /when\.commands\[0\]: \(: expected a regular expression/,
  ],
  annotation: [
    says('a', { annotations: { '[': 'x' } }),
    /when\.annotations\.\[: \[: expected a reg/,
  ],
  always: [says('a', { always: 1 }), /when\.always: 1: expected true or false/],
  path: [
    { ...says('a', always), hook: { path: '/no/such' } },
    /hook\.path: \/no\/such: no such file/,
  ],
  env: [
    { ...says('a', always), hook: { path: '%', env: ['A'] } },
    /hook\.env\[0\]: A: expected NAME=VALUE/,
  ],
  timeout: [
    { ...says('a', always), hook: { path: '%', timeout: 0 } },
    /hook\.timeout: 0: expected more than 0 seconds/,
  ],
  'both names': [
    { hook: '%', stage: ['prestart'], stages: ['prestart'] },
    /stage: the file has stages as well/,
  ],
};

for (const [name, [content, expected]] of Object.entries(broken)) {
  test(`an error names the field: ${name}`, () => {
    const text = JSON.stringify(content).replaceAll('%', '/bin/sh');
    assert.throws(() => readHook(JSON.parse(text)), expected);
  });
}

test('an error names plugin and file', options, (t) => {
  const { fails } = hooked(t, { etc: { 'bad.json': '{' } });
  assert.match(fails(), /adjustConfig: plugin hooks-dir: adjust: \S+\/etc\/bad\.json: .*JSON/);
});

test('an unknown or invalid option is refused', options, (t) => {
  const bundle = makeBundle(t);
  const config = join(bundle.dir, 'davit.json');
  const plugin = join(import.meta.dirname, 'index.ts');
  for (const [given, expected] of [
    [{ directory: '/x' }, /plugin hooks-dir: options: directory: expected directories/],
    [{ directories: ['x'] }, /plugin hooks-dir: options: directories: expected a list of absolute/],
  ] as const) {
    writeFileSync(config, JSON.stringify({ plugins: [{ plugin, options: given }] }));
    const env = { DAVIT_CONFIG: config };
    assert.match(bundle.runtimeWith({ env }, 'plugins').stderr, expected);
  }
});
