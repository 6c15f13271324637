import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { NODE_FLAGS } from '../../../src/node-flags.ts';
import { nodeFlags } from '../../../tools/build/node-options.ts';

const ROOT = join(import.meta.dirname, '../../..');
// Beside the checkout's own Node, so that Node can be hard-linked.
const scratch = mkdtempSync(join(ROOT, 'node_modules/.davit-build-'));
const dist = join(scratch, 'dist');
const davit = join(dist, 'davit');
const ownFiles = () => join(dist, readFileSync(davit, 'utf8').match(/build-[0-9a-f]+/)![0]);

before(() => {
  const { status, stderr } = build();
  assert.equal(status, 0, stderr);
});
after(() => rmSync(scratch, { recursive: true }));

test('davit runs on its own Node through symlinks and when found in PATH', () => {
  const link = join(scratch, 'link');
  symlinkSync(davit, link);
  symlinkSync('link', join(scratch, 'link-to-link'));
  for (const path of [davit, link, join(scratch, 'link-to-link')]) {
    assert.match(
      run(path, ['--version']).stdout,
      /^davit version \S+\ncommit: \S+\nspec: 1\.3\.0\nnode: v26\./,
    );
  }
  const found = spawnSync('davit', ['--version'], { env: { PATH: `${dist}:${process.env.PATH}` } });
  assert.equal(found.status, 0);
});

test('a copy of the build works elsewhere', () => {
  const copy = mkdtempSync(join(tmpdir(), 'davit copy '));
  try {
    cpSync(dist, copy, { recursive: true });
    assert.equal(run(join(copy, 'davit'), ['state', 'absent']).status, 1);
  } finally {
    rmSync(copy, { recursive: true });
  }
});

test('the caller’s environment does not change Node', () => {
  const env = { NODE_OPTIONS: '--no-such-option', NODE_V8_COVERAGE: scratch, NODE_CHANNEL_FD: '3' };
  const { status, stderr } = run(davit, ['--version'], env);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
});

/** Whether V8 accepts the code cache of a command, or of `library`, when Node runs with `flags`. */
function takes(name: string, flags: readonly string[]): boolean {
  const directory = ownFiles();
  const file = join(directory, name === 'library' ? 'index.js' : 'main.js');
  const program = `
    const { readFileSync } = require('node:fs');
    const { Script } = require('node:vm');
    const cachedData = readFileSync(${JSON.stringify(join(directory, `${name}-${process.arch}.cache`))});
    const source = readFileSync(${JSON.stringify(file)}, 'latin1');
    console.log(new Script(source, { cachedData }).cachedDataRejected);`;
  const { stdout } = spawnSync(join(dist, 'node'), [...flags, '-e', program], { encoding: 'utf8' });
  return stdout === 'false\n';
}

test("V8 accepts the commands' code caches with davit's flags", () => {
  for (const name of ['create', 'delete', 'exec', 'kill', 'run', 'start', 'state']) {
    assert.ok(takes(name, nodeFlags), name);
  }
});

test("V8 accepts the library's code cache with the flags that the library asks for", () => {
  assert.ok(takes('library', NODE_FLAGS));
});

test('davit works without code caches, and with those of another Node', () => {
  const files = ownFiles();
  const kept = join(scratch, 'kept');
  cpSync(files, kept, { recursive: true });
  try {
    const caches = readdirSync(files).filter((name) => name.endsWith('.cache'));
    for (const name of caches) writeFileSync(join(files, name), 'not a cache');
    assert.match(run(davit, ['state', 'absent']).stderr, /container does not exist/);
    for (const name of caches) rmSync(join(files, name));
    assert.match(run(davit, ['state', 'absent']).stderr, /container does not exist/);
  } finally {
    cpSync(kept, files, { recursive: true });
  }
});

test('a command loads no module of Node that an empty script does not load, except vm', () => {
  const modules = join(scratch, 'modules.cjs');
  writeFileSync(
    modules,
    // Each of these commands fails, so printing the error is the last thing it does.
    `const fs = require('node:fs');
    const { writeSync } = fs;
    const tell = () => writeSync(1, JSON.stringify(process.moduleLoadList) + '\\n');
    fs.writeSync = (fd, ...rest) => {
      if (fd === 2) tell();
      return writeSync(fd, ...rest);
    };
    if (process.argv.length > 2) require(${JSON.stringify(join(ownFiles(), 'loader.cjs'))});
    else tell();`,
  );
  const loaded = (args: string[]): string[] => {
    const { stdout } = spawnSync(join(dist, 'node'), [modules, ...args], { encoding: 'utf8' });
    return JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
  };
  const always = new Set([...loaded([]), 'NativeModule vm']);
  for (const args of [
    ['state', 'absent'],
    ['kill', 'absent'],
    ['delete', 'absent'],
    ['start', 'absent'],
    ['exec', 'absent', 'true'],
    ['create', '--bundle', '/nonexistent', 'absent'],
    ['run', '--bundle', '/nonexistent', 'absent'],
  ]) {
    const more = loaded(args).filter((name) => !always.has(name));
    assert.deepEqual(more, [], args.join(' '));
  }
});

test('help lists every command and its flags', () => {
  const root = run(davit, ['--help']).stdout;
  for (const name of ['create', 'run', 'exec', 'trace', '--log-format'])
    assert.ok(root.includes(name));
  for (const args of [
    ['create', '--help'],
    ['help', 'create'],
    ['create', '-h'],
    ['-h', 'create'],
  ]) {
    const { status, stdout } = run(davit, args);
    assert.equal(status, 0);
    assert.match(stdout, /--no-new-keyring\s+keep the caller's session keyring/);
  }
  // In runc's layout.
  assert.match(root, /^NAME:\n +davit - .*\n\nUSAGE:\n +davit .*\n\nVERSION:\n +\d/);
  const { stdout: exec } = run(davit, ['exec', '-h']);
  const headings = exec.match(/^[A-Z ]+:$/gm);
  assert.match(exec, /^NAME:\n +davit exec - run another program in a container\n\n/);
  assert.equal(
    headings?.join(' '),
    'NAME: USAGE: ARGUMENTS: OPTIONS: GLOBAL OPTIONS: DESCRIPTION: EXAMPLES:',
  );
});

test('wrong usage is one line with a hint, and runc’s exit status', () => {
  const cases: [string[], number, string][] = [
    [['create'], 1, 'davit: create: "create" requires exactly 1 argument(s)'],
    [['kill', 'a', 'b', 'c'], 1, 'davit: kill: "kill" requires a maximum of 2 argument(s)'],
    [['exec'], 1, 'davit: exec: "exec" requires a minimum of 1 argument(s)'],
    [
      ['exec', '--preserve-fds', 'x', 'a', 'b'],
      1,
      'davit: exec a: --preserve-fds: Expected an integer but received: x',
    ],
    [['run', '--nope', 'a'], 1, 'davit: run: flag provided but not defined: --nope'],
    [['--nope'], 1, 'davit: flag provided but not defined: --nope'],
    [['nope'], 3, "davit: No help topic for 'nope'"],
    [['state', ''], 1, 'davit: state: container id cannot be empty'],
    [['exec', 'absent', 'true'], 255, 'davit: exec absent: container does not exist'],
    [['kill', 'absent', 'NOPE'], 1, 'davit: kill absent: unknown signal "NOPE"'],
  ];
  for (const [args, status, line] of cases) {
    const result = run(davit, args);
    const hint = /absent: container/.test(line) ? '' : ' (hint: ';
    assert.ok(result.stderr.startsWith(`${line}${hint}`), result.stderr);
    assert.match(result.stderr, /^.*\n$/);
    assert.equal(result.status, status, line);
    assert.equal(result.stdout, '');
  }
});

test('the error is also in the log file, in the chosen format', () => {
  const log = join(scratch, 'log.json');
  run(davit, ['--log', log, '--log-format', 'json', 'state', 'absent']);
  run(davit, ['state', '--log', log, '--log-format=json', 'absent']);
  const entries = readFileSync(log, 'utf8').trim().split('\n');
  assert.equal(entries.length, 2);
  for (const entry of entries) {
    const { level, msg, time } = JSON.parse(entry);
    assert.deepEqual([level, msg], ['error', 'davit: state absent: container does not exist']);
    assert.ok(!Number.isNaN(Date.parse(time)));
  }
});

test('a build replaces davit and keeps the previous build’s files', () => {
  const before = ownFiles();
  appendFileSync(join(before, 'oclif.manifest.json'), '\n');
  assert.equal(build().status, 0);
  assert.equal(ownFiles(), before, 'the same content has the same name');
  const script = readFileSync(davit, 'utf8');
  writeFileSync(davit, script.replaceAll(/build-[0-9a-f]+/g, 'build-0'));
  assert.equal(build().status, 0);
  assert.equal(ownFiles(), before);
  assert.deepEqual(
    readdirSync(dist).filter((name) => name.startsWith('.')),
    [],
  );
});

function build() {
  const flags = [join(ROOT, 'tools/build.ts'), '--out', dist];
  return spawnSync(process.execPath, flags, { encoding: 'utf8', cwd: ROOT });
}

function run(path: string, args: string[], env: Record<string, string> = {}) {
  const own = args[0]?.startsWith('-') ? [] : ['--root', join(scratch, 'root')];
  return spawnSync(path, [...own, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
  });
}
