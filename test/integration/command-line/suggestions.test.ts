import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { davit } from '../../support/command.ts';

const ERRORS: readonly [args: string[], expected: string][] = [
  [['stat'], "No help topic for 'stat' (hint: did you mean davit state?; see davit --help)"],
  [['stop', 'x'], "No help topic for 'stop' (hint: davit kill ID ends the program of a container,"],
  [['pull', 'alpine'], "No help topic for 'pull' (hint: davit has no images: davit bundle unpacks"],
  [['logs', 'x'], "No help topic for 'logs' (hint: davit keeps no output of containers:"],
  [
    ['run', '--bundel', '.', 'x'],
    'run: flag provided but not defined: --bundel (hint: did you mean --bundle?; see davit run --help)',
  ],
  [
    ['run', '--rm', 'x'],
    'run: flag provided but not defined: --rm (hint: davit run deletes the container when its program',
  ],
  [['exec', '-it', 'x', 'sh'], 'not defined: -it (hint: --tty gives the program a terminal'],
  [['kill', '-s', 'KILL', 'x'], 'not defined: -s (hint: the signal is an argument of its own'],
  [['version'], "No help topic for 'version' (hint: davit --version shows it"],
  [
    ['list', '--format', 'xml'],
    "list: invalid format option (hint: --format takes 'table' or 'json')",
  ],
  [['kill', 'x', 'SIGKIL'], 'kill x: unknown signal "SIGKIL" (hint: did you mean SIGKILL?'],
  [
    ['run', './web1'],
    'expected letters, digits and _ + - . only (hint: an id is any name for a new',
  ],
  [['delete', ''], 'delete: container id cannot be empty (hint: see davit delete --help)'],
  [
    ['run', '--bundle', '/usr', 'x'],
    'JSON specification file config.json not found (hint: davit spec writes a config.json',
  ],
  [
    ['--root', '/no/root', 'list', '--format', 'xml'],
    "list: invalid format option (hint: --format takes 'table' or 'json')",
  ],
  [['--plugin', 'davit/plugins/audt', 'plugins'], 'did you mean davit/plugins/audit?'],
  [['--plugin', 'audit', 'plugins'], 'did you mean davit/plugins/audit?'],
];

for (const [args, expected] of ERRORS) {
  test(`davit ${args.join(' ')}: the hint suggests a correction`, () => {
    const { stderr, status } = davit(...args);
    assert.ok(stderr.includes(expected), stderr);
    assert.equal(stderr.split('\n').length, 2, 'one line');
    assert.notEqual(status, 0);
  });
}

test('a whole command line in one string gets a hint to use one entry for each argument', {
  skip: needsRoot,
}, (t) => {
  const bundle = makeBundle(t, { args: ['echo hello'] });
  assert.match(bundle.run().stderr, /"echo hello": .*every argument is an entry of its own/);
});

test('the error for a pid file has the path that the caller gave', {
  skip: needsRoot,
}, (t) => {
  const bundle = makeBundle(t);
  assert.match(bundle.create('--pid-file', '/no/dir/pid').stderr, /open \/no\/dir\/pid: ENOENT/);
});

test('update without a limit warns that nothing changes', { skip: needsRoot }, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.create();
  const { stderr, status } = bundle.runtime('update', bundle.id);
  assert.match(stderr, /no limit is given, so nothing changes/);
  assert.equal(status, 0);
});

test('a misspelt name in config.json gets a suggestion', { skip: needsRoot }, (t) => {
  const bundle = makeBundle(t, {
    args: ['true'],
    spec: ({ process }) => process!.capabilities!.bounding!.push('CAP_NET_ADMINN'),
  });
  const warned = bundle.run();
  assert.match(warned.stderr, /capabilities: CAP_NET_ADMINN \(did you mean CAP_NET_ADMIN\?\)/);
  bundle.configure(({ process }) => {
    process!.rlimits = [{ type: 'RLIMIT_NOFLIE' as 'RLIMIT_NOFILE', soft: 1, hard: 1 }];
  });
  assert.match(bundle.run().stderr, /rlimits\[0\]\.type: "RLIMIT_NOFLIE": .* mean RLIMIT_NOFILE\?/);
});

test('a mount option that a file system refuses gets a suggestion', { skip: needsRoot }, (t) => {
  for (const mount of [
    { destination: '/mnt', type: 'tmpfs', source: 'tmpfs', options: ['readonly'] },
    { destination: '/mnt', type: 'bind', source: '/etc', options: ['rbind', 'readonly'] },
  ]) {
    const bundle = makeBundle(t, { args: ['true'], spec: ({ mounts }) => mounts!.push(mount) });
    assert.match(bundle.run().stderr, /did you mean the option ro in place of readonly\?/);
  }
});

test('an unknown field of config.json gives one warning, on standard error or in the log', {
  skip: needsRoot,
}, (t) => {
  const bundle = makeBundle(t, {
    args: ['true'],
    spec: (spec) => Object.assign(spec, { hostnam: 'a' }),
  });
  const said = /ignoring unknown fields: hostnam \(did you mean hostname\?\)/g;
  const { stderr, status } = bundle.run();
  assert.equal(stderr.match(said)?.length, 1, stderr);
  assert.equal(status, 0);
  const log = join(bundle.dir, 'log');
  bundle.create('--log', log);
  bundle.runtime('--log', log, 'start', bundle.id);
  assert.equal(readFileSync(log, 'utf8').match(said)?.length, 1);
});

test('an unknown field of --resources gives a warning', { skip: needsRoot }, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.create();
  const file = join(bundle.dir, 'resources.json');
  writeFileSync(file, JSON.stringify({ memroy: { limit: 1e8 }, pids: { limit: 100 } }));
  const { stderr, status } = bundle.runtime('update', '--resources', file, bundle.id);
  assert.match(stderr, /update: ignoring unknown fields: memroy \(did you mean memory\?\)/);
  assert.equal(status, 0);
});
