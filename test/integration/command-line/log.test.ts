import assert from 'node:assert/strict';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { DAVIT } from '../../support/command.ts';
import { atTerminal } from '../../support/terminal.ts';

test('--log gets the error even if standard error is open for reading only', {
  skip: needsRoot,
}, (t) => {
  const bundle = makeBundle(t, { args: ['/no/such'] });
  const log = join(bundle.dir, 'log.json');
  // As containerd's shim starts davit for a pod's sandbox.
  const stdio = openSync('/dev/null', 'r');
  const shell =
    'log=$1 dir=$2 id=$3; exec "$0" --root "$dir/root" --log "$log" --log-format json create --bundle "$dir" "$id" >&3 2>&3';
  const { status } = bundle.commandWith(
    { stdio: ['ignore', 'ignore', 'ignore', stdio] },
    'sh',
    '-c',
    shell,
    DAVIT,
    log,
    bundle.dir,
    bundle.id,
  );
  assert.equal(status, 1);
  assert.match(JSON.parse(readFileSync(log, 'utf8')).msg, /stat \/no\/such: no such file/);
});

test('an error and its hint are one line in a file, and two on a terminal', {
  skip: needsRoot,
}, async (t) => {
  const bundle = makeBundle(t, { args: ['/no/such'] });
  const piped = bundle.run().stderr;
  const [error, hint] = /^(davit: run .*: stat \/no\/such: .*) \(hint: (.*)\)\n$/
    .exec(piped)!
    .slice(1);
  const log = join(bundle.dir, 'log');
  bundle.runtime('--log', log, 'run', '--bundle', bundle.dir, bundle.id);
  assert.match(readFileSync(log, 'utf8'), /^time=.* level=error msg=".*" hint=".*"\n$/);
  const { ended, screen } = atTerminal(t, bundle, 'run', '--bundle', bundle.dir, bundle.id);
  assert.deepEqual(await ended, [1, null]);
  await screen.includes(`${error}\r\n${hint}\r\n`);
});
