import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { atTerminal } from '../../support/terminal.ts';

const BUSY = ['sh', '-c', 'while :; do :; done'];

test('top prints one table into a pipe, sorted by --sort', { skip: needsRoot }, (t) => {
  const idle = makeBundle(t, { args: ['sleep', '1000'] });
  // Runs before the bundle with both containers' state is removed.
  t.after(() => busy.runtime('delete', '--force', idle.id));
  const busy = makeBundle(t, { args: BUSY });
  busy.runDetached();
  idle.runtime('--root', busy.root, 'run', '--detach', '--bundle', idle.dir, idle.id);
  const ids = (...flags: string[]) => {
    // Long enough for the busy container to get a CPU on a busy machine.
    const { stdout, stderr, status } = busy.runtime('top', '--interval', '1s', ...flags);
    assert.equal(status, 0, stderr);
    const [heading, ...rows] = stdout.trim().split('\n');
    return { heading, ids: rows.map((row) => row.split(/ +/)[0]) };
  };
  const { heading, ids: byCpu } = ids();
  assert.match(heading!, /^ID +CPU\* +MEMORY +LIMIT +PIDS +READ\/s +WRITTEN\/s$/);
  assert.deepEqual(byCpu, [busy.id, idle.id]);
  assert.deepEqual(ids('--sort', 'id').ids, [busy.id, idle.id].sort());
  assert.deepEqual(ids(idle.id).ids, [idle.id]);
  assert.match(
    busy.runtime('top', '--sort', 'memry').stderr,
    /invalid --sort "memry": expected one of cpu, .*did you mean memory\?/,
  );
});

test('top on a terminal refreshes, sorts by keys and ends on q', {
  skip: needsRoot,
}, async (t) => {
  const bundle = makeBundle(t, { args: BUSY });
  bundle.runDetached();
  const { screen, ended, child } = atTerminal(t, bundle, 'top', '--interval', '100ms');
  await screen.includes('CPU*');
  await screen.includes(bundle.id);
  screen.type('m');
  await screen.includes('MEMORY*');
  assert.equal(child.exitCode, null);
  screen.type('q');
  assert.deepEqual(await ended, [0, null]);
  // The cursor is shown again.
  await screen.includes('\x1b[?25h');
});

test('top ends at once on Ctrl-C, whatever the interval is', { skip: needsRoot }, async (t) => {
  const bundle = makeBundle(t, { args: ['true'] });
  const { screen, ended } = atTerminal(t, bundle, 'top', '--interval', '1h');
  await screen.includes('0 containers');
  screen.type('\x03');
  assert.deepEqual(await ended, [0, null]);
});
