import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { DAVIT, davit, runCommand } from '../../support/command.ts';

/** Arguments, the exit status, and the first line of standard error. */
const CASES: [args: string[], status: number, says: RegExp][] = [
  [['--nonsense', 'list'], 1, /^davit: flag provided but not defined: --nonsense$/],
  [['list', '--nonsense'], 1, /^davit: list: flag provided but not defined: --nonsense$/],
  [['frobnicate'], 3, /^davit: No help topic for 'frobnicate'$/],
  [['list', '--format'], 1, /^davit: list: flag needs an argument: --format$/],
  [['list', '--format', 'xml'], 1, /^davit: list: invalid format option$/],
  [['list', 'web1'], 1, /^davit: list: "list" requires exactly 0 argument\(s\)$/],
  [['run', '--preserve-fds', 'abc', 'c'], 1, /^davit: run c: --preserve-fds: .*abc$/],
  [['run', '--preserve-fds', '-1', 'c'], 1, /^davit: run c: --preserve-fds: .*-1$/],
  [['run', '--detach=perhaps', 'c'], 1, /^davit: run: invalid value "perhaps" for flag -detach/],
  [['run', '--bundle', '/no/such/bundle', 'c'], 1, /chdir \/no\/such\/bundle: no such file/],
  [['exec'], 1, /^davit: exec: "exec" requires a minimum of 1 argument\(s\)$/],
  [['exec', 'no-such'], 255, /^davit: exec no-such: container does not exist$/],
  [['kill', 'no-such', 'SIGNONE'], 1, /^davit: kill no-such: unknown signal "SIGNONE"$/],
  [['delete'], 1, /^davit: delete: "delete" requires exactly 1 argument\(s\)$/],
  [['delete', ''], 1, /^davit: delete: container id cannot be empty$/],
  [['state', 'a'.repeat(1025)], 1, /: expected at most 1024 characters$/],
  [['state', 'a'.repeat(1024)], 1, /ENAMETOOLONG|does not exist$/],
  [['update', '--resources', '/no/such', 'c'], 1, /open \/no\/such: ENOENT: no such file/],
  [
    ['update', '--memory', '1x', 'c'],
    1,
    /^davit: update c: invalid value for memory: invalid suffix: 'x'$/,
  ],
  [['events', '--interval', 'soon', 'c'], 1, /invalid duration "soon"$/],
  [['--log', '/no/such/dir/log', 'list'], 1, /open \/no\/such\/dir\/log: ENOENT: no such file/],
  [['--log-format', 'yaml', 'list'], 1, /^davit: list: invalid log-format: yaml$/],
  [['--log-level', 'loud', 'list'], 1, /^davit: list: invalid log-level: loud is none of debug,/],
  [
    ['--log', 'journald:x', 'list'],
    1,
    /^davit: list: invalid log: journald:x: expected the path of a file$/,
  ],
  [['--rootless', 'maybe', 'run', 'c'], 1, /invalid value "maybe" for flag -rootless/],
  [['--root', '/dev/null', 'list'], 1, /\/dev\/null: ENOTDIR: not a directory$/],
  [['--root', '/dev/null/x', 'create', 'c'], 1, /config\.json not found/],
  [['--plugin', '/no/such.ts', 'run', 'c'], 1, /^davit: run c: plugin \/no\/such\.ts: /],
  [['spec', '--bundle', '/no/such'], 1, /^davit: spec: open \/no\/such\/config\.json: ENOENT/],
  [['trace', 'never-was'], 1, /^davit: trace: container "never-was" has no trace$/],
];

for (const [args, expected, says] of CASES) {
  test(`davit ${args.map((arg) => arg.slice(0, 40)).join(' ')}`, () => {
    const { status, stdout, stderr } = davit(...args);
    const [, line, more] = /^(.*?)(?: \(hint: .*\))?\n(.*)$/s.exec(stderr)!;
    assert.equal(status, expected, stderr);
    assert.equal(stdout, '');
    assert.match(line!, says);
    assert.equal(more, '');
  });
}

test('arguments that are not UTF-8', () => {
  const script = 'exec "$0" state "$(printf "\\377\\376")"';
  const { status, stderr } = runCommand('sh', ['-c', script, DAVIT]);
  assert.equal(status, 1);
  assert.match(stderr, /^davit: state \S+: invalid container ID format: "[^"]+": expected .*\n$/);
});

const PRINTING = [['--help'], ['--version'], ['features'], ['stages'], ['run', '--help']];

for (const args of PRINTING) {
  test(`davit ${args.join(' ')}: standard output is a full device, or a closed pipe`, () => {
    const full = openSync('/dev/full', 'w');
    const failed = spawnSync(DAVIT, args, {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
      // The text is another one with a server: docs/server.md.
      env: { ...process.env, DAVIT_SERVER: '' },
    });
    closeSync(full);
    assert.equal(failed.status, 1);
    assert.match(failed.stderr, /^davit: (\w+: )?write: ENOSPC: no space left on device\n$/);
    const script = '"$0" "$@" | true; echo "$?"';
    const { stdout, stderr } = runCommand('sh', ['-c', script, DAVIT, ...args]);
    assert.deepEqual([stdout, stderr], ['0\n', '']);
  });
}

test('a standard error that cannot be written to does not change the exit status', () => {
  for (const redirection of ['2>/dev/full', '2>&-', '<&- >&- 2>&-']) {
    const script = `"$0" state no-such ${redirection}`;
    const { status, stdout } = runCommand('sh', ['-c', script, DAVIT]);
    assert.deepEqual([status, stdout], [1, ''], redirection);
  }
});

test('a caller without stdio runs a container', { skip: needsRoot }, (t) => {
  const bundle = makeBundle(t, { args: ['sh', '-c', 'readlink /proc/self/fd/[012]; exit 7'] });
  const script = '"$0" "$@" <&- >&- 2>&-';
  const run = ['--root', bundle.root, 'run', '--bundle', bundle.dir, bundle.id];
  assert.equal(bundle.command('sh', '-c', script, bundle.binary, ...run).status, 7);
});

test('a signal and a number of fds that are out of range are refused', { skip: needsRoot }, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const { status, stderr } = bundle.runtime('kill', bundle.id, '99');
  assert.equal(status, 1);
  assert.match(stderr, /^davit: kill \S+: unknown signal "99" \(hint: .*\)\n$/);
  const exec = bundle.runtime('exec', '--preserve-fds', '99999999999', bundle.id, 'true');
  assert.equal(exec.status, 255);
  assert.match(exec.stderr, /^davit: exec \S+: unable to stat preserved-fd 0/);
});
