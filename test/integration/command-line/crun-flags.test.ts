import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';

const options = { skip: needsRoot };

// Flags of crun that runc does not have.

test('--config: create and run read another file than config.json', options, (t) => {
  const bundle = makeBundle(t, { args: ['hostname'] });
  const file = join(bundle.dir, 'other.json');
  renameSync(join(bundle.dir, 'config.json'), file);
  const ran = bundle.run('--config', file);
  assert.deepEqual([ran.status, ran.stdout], [0, 'davit\n'], ran.stderr);
  const created = bundle.commandWith(
    { cwd: bundle.dir },
    ...([bundle.binary, '--root', bundle.root, 'create', '-f', 'other.json', bundle.id] as const),
  );
  assert.equal(created.status, 0, created.stderr);
  assert.equal(bundle.start().status, 0);
  assert.equal(bundle.runtime('delete', '--force', bundle.id).status, 0);
  const missing = bundle.run('--config', '/no/such.json');
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /JSON specification file \/no\/such\.json not found/);
});

test('--regex: kill and delete every container whose id matches', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  const ids = ['a1', 'a2', 'b'].map((name) => `${bundle.id}-${name}`);
  for (const id of ids) {
    const { status, stderr } = bundle.runtime('run', '-d', '--bundle', bundle.dir, id);
    assert.equal(status, 0, stderr);
  }
  const listed = () => bundle.runtime('list', '--quiet').stdout.trim().split('\n').sort();
  const refused = bundle.runtime('delete', '--regex', `${bundle.id}-a[0-9]`);
  assert.equal(refused.status, 0);
  assert.match(refused.stderr, /level=warning msg=.*-a1.*not stopped.*\n.*-a2.*not stopped/);
  assert.equal(bundle.runtime('kill', '--regex', `${bundle.id}-a[0-9]$`, 'KILL').status, 0);
  const removed = bundle.runtime('delete', '--force', '-r', '[-]a[12]$');
  assert.deepEqual([removed.status, removed.stderr], [0, '']);
  assert.deepEqual(listed(), [`${bundle.id}-b`]);
  assert.match(bundle.runtime('kill', '--regex', '(', '9').stderr, /--regex: Invalid regular expr/);
  assert.equal(bundle.runtime('delete', '--force', '--regex', '.').status, 0);
  assert.deepEqual(listed(), ['']);
});

test('--log file:PATH, and --log-level with the names of crun and youki', options, (t) => {
  const bundle = makeBundle(t, {
    spec: (spec) => {
      spec.process.capabilities = { effective: ['CAP_NO_SUCH'] };
    },
  });
  const log = join(bundle.dir, 'log');
  const levels = (...flags: string[]): string[] => {
    rmSync(log, { force: true });
    const run = ['run', '--bundle', bundle.dir, bundle.id];
    const done = bundle.runtime('--log', `file:${log}`, ...flags, ...run);
    assert.equal(done.status, 0, done.stderr);
    const found = readFileSync(log, 'utf8').matchAll(/ level=(\w+) /g);
    return [...new Set([...found].map(([, level]) => level!))].sort();
  };
  assert.deepEqual(levels(), ['warning']);
  assert.deepEqual(levels('--systemd-log', '--log-level', 'warn'), ['warning']);
  assert.deepEqual(levels('--log-level', 'error'), []);
  for (const level of ['debug', 'trace'])
    assert.deepEqual(levels(`--log-level=${level}`), ['debug', 'warning']);
});

test('spec --file: writes another file, and replaces an existing one', options, (t) => {
  const bundle = makeBundle(t, { rootfs: 'none' });
  const file = join(bundle.dir, 'other.json');
  writeFileSync(file, 'old '.repeat(10_000));
  const { status, stderr } = bundle.runtime('spec', '--bundle', bundle.dir, '-f', 'other.json');
  assert.equal(status, 0, stderr);
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).hostname, 'davit');
});
