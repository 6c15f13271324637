import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { needsCriu } from '../../support/host/criu.ts';
import { mountsOf } from '../../support/run/leftovers.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Counter, succeed } from './counter.ts';

/*
 * criu runs a script at each of its steps: criu's own configuration, which the annotation
 * org.criu.config names, says which. The script ends criu or davit there.
 */

const SCRIPT = `#!/bin/sh
directory=\${0%/*}
echo "$CRTOOLS_SCRIPT_ACTION" >> "$directory/steps"
[ "$CRTOOLS_SCRIPT_ACTION" = "$(cat "$directory/step")" ] || exit 0
parent() { sed -n 's/^PPid:[^0-9]*//p' "/proc/$1/status"; }
criu=$$
until [ "$(cat /proc/$criu/comm)" = criu ]; do criu=$(parent "$criu"); done
case $(cat "$directory/victim") in
  criu) kill -9 "$criu" ;;
  davit) kill -9 "$(parent "$criu")" ;;
  step) exit 1 ;;
esac
sleep 1
`;

/** A counter that runs, whose criu runs the script. */
async function scripted(t: TestContext) {
  const counter = new Counter(t);
  const { bundle } = counter;
  const at = (name: string): string => join(bundle.dir, name);
  writeFileSync(at('script'), SCRIPT, { mode: 0o755 });
  writeFileSync(at('criu.conf'), `action-script ${at('script')}\n`);
  const annotate = (file: string): void => {
    const annotations = { 'org.criu.config': file };
    const config = JSON.parse(readFileSync(at('config.json'), 'utf8'));
    writeFileSync(at('config.json'), JSON.stringify({ ...config, annotations }));
  };
  const end = (victim: string, step: string): void => {
    writeFileSync(at('victim'), victim);
    writeFileSync(at('step'), step);
  };
  end('nobody', '');
  annotate(at('criu.conf'));
  await counter.start();
  const steps = (): string[] =>
    existsSync(at('steps')) ? readFileSync(at('steps'), 'utf8').trim().split('\n') : [];
  return { counter, annotate, end, steps };
}

const temporary = (directory: string): string[] =>
  readdirSync(directory).filter((name) => name.startsWith('.criu.'));

test('the annotation org.criu.config names criu’s configuration, or none', {
  skip: needsCriu,
}, async (t) => {
  const { counter, annotate, steps } = await scripted(t);
  await counter.roundTrip();
  const seen = steps();
  assert.ok(seen.includes('post-dump') && seen.includes('post-restore'), seen.join(' '));
  succeed(counter.bundle.runtime('delete', '--force', counter.bundle.id));
  annotate('');
  succeed(counter.restore());
  assert.deepEqual(steps(), seen);
});

for (const step of ['pre-dump', 'network-lock', 'post-dump']) {
  test(`a checkpoint whose criu is killed at ${step}`, { skip: needsCriu }, async (t) => {
    const { counter, end } = await scripted(t);
    end('criu', step);
    const { status, stderr } = counter.checkpoint();
    assert.equal(status, 1);
    assert.match(stderr, /dumpProcesses: criu ended without an answer/);
    assert.deepEqual(readdirSync(counter.images), ['dump.log']);
    await counter.countsOn(counter.count());
    end('nobody', '');
    await counter.roundTrip();
  });
}

test('a checkpoint whose davit is killed', { skip: needsCriu }, async (t) => {
  const { counter, end } = await scripted(t);
  end('davit', 'network-lock');
  assert.equal(counter.checkpoint().signal, 'SIGKILL');
  await counter.countsOn(counter.count());
  assert.deepEqual(temporary(counter.images), []);
  end('nobody', '');
  await counter.roundTrip();
});

for (const [victim, step, error] of [
  ['criu', 'pre-restore', /restoreNamespaces: criu ended without an answer/],
  ['criu', 'setup-namespaces', /restoreProcesses: criu ended without an answer/],
  ['criu', 'post-restore', /restoreProcesses: criu ended without an answer/],
  ['criu', 'post-resume', /restoreProcesses: criu ended without an answer/],
  ['step', 'setup-namespaces', /restoreProcesses: criu failed/],
] as const) {
  test(`a restore whose ${victim} ends at ${step} leaves nothing`, {
    skip: needsCriu,
  }, async (t) => {
    const { counter, end } = await scripted(t);
    succeed(counter.checkpoint());
    const saved = counter.count();
    end(victim, step);
    const { status, stderr } = counter.restore();
    assert.equal(status, 1);
    assert.match(stderr, error);
    counter.bundle.expectNothingLeft();
    assert.deepEqual(temporary(counter.images), []);
    end('nobody', '');
    succeed(counter.restore());
    await counter.countsOn(saved);
  });
}

for (const step of ['pre-restore', 'setup-namespaces', 'post-resume']) {
  test(`a restore whose davit is killed at ${step}: delete removes the rest`, {
    skip: needsCriu,
  }, async (t) => {
    const { counter, end } = await scripted(t);
    const { bundle, images } = counter;
    succeed(counter.checkpoint());
    const saved = counter.count();
    end('davit', step);
    assert.equal(counter.restore().signal, 'SIGKILL');
    await waitFor(() => temporary(images).length === 0);
    end('nobody', '');
    succeed(bundle.runtime('delete', '--force', bundle.id));
    bundle.expectNothingLeft();
    assert.deepEqual(mountsOf(bundle.dir), []);
    succeed(counter.restore());
    await counter.countsOn(saved);
  });
}
