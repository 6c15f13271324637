import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Bundle, makeBundle, needsRoot } from '../../support/bundle.ts';

/** Changes the boot id that is stored in the container's record. */
function recordBoot(bundle: Bundle, bootId: string | undefined): void {
  const file = join(bundle.root, bundle.id, 'state.json');
  const { bootId: own, ...record } = JSON.parse(readFileSync(file, 'utf8'));
  assert.equal(own, readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  writeFileSync(file, JSON.stringify({ ...record, ...(bootId && { bootId }) }));
}

test('after a reboot another process may have init’s pid', { skip: needsRoot }, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const { pid } = bundle.state();
  recordBoot(bundle, '00000000-0000-4000-8000-000000000000');
  assert.deepEqual([bundle.state().status, bundle.state().pid], ['stopped', 0]);
  const killed = bundle.runtime('kill', bundle.id, 'KILL');
  assert.match(killed.stderr, /container not running/);
  assert.notEqual(bundle.exec('true').status, 0);
  // The process ends with the cgroup, which is still the container's.
  process.kill(pid, 0);
});

test('a record without a boot id is accepted', { skip: needsRoot }, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  recordBoot(bundle, undefined);
  assert.equal(bundle.state().status, 'running');
});
