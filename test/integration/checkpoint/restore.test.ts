import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needsCriu } from '../../support/host/criu.ts';
import { mountsOf } from '../../support/run/leftovers.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Counter, succeed } from './counter.ts';

test('a restored counter continues where it was saved', { skip: needsCriu }, async (t) => {
  const counter = new Counter(t);
  const { bundle, images } = counter;
  await counter.start();
  succeed(counter.checkpoint());
  const saved = counter.count();
  bundle.expectNothingLeft();
  assert.match(readFileSync(join(images, 'descriptors.json'), 'utf8'), /^\["\/dev\/null",/);

  const pidFile = join(bundle.dir, 'pid');
  succeed(counter.restore('--pid-file', pidFile));
  const { status, pid } = bundle.state();
  assert.equal(status, 'running');
  assert.equal(readFileSync(pidFile, 'utf8'), String(pid));
  assert.deepEqual(mountsOf(bundle.root), []);
  await counter.countsOn(saved);
});

test('a restored container has the usual commands', { skip: needsCriu }, async (t) => {
  const counter = new Counter(t);
  const { bundle } = counter;
  await counter.start();
  await counter.roundTrip();
  succeed(bundle.exec('true'));
  assert.match(bundle.runtime('ps', bundle.id).stdout, /usleep|sh -c/);
  succeed(bundle.runtime('pause', bundle.id));
  assert.equal(bundle.state().status, 'paused');
  succeed(bundle.runtime('resume', bundle.id));
  assert.equal(JSON.parse(bundle.runtime('events', '--stats', bundle.id).stdout).type, 'stats');
  succeed(bundle.runtime('kill', bundle.id, 'KILL'));
  await waitFor(() => bundle.state().status === 'stopped');
  succeed(bundle.runtime('delete', bundle.id));
  bundle.expectNothingLeft();
});

test('--leave-running saves a container without ending it', { skip: needsCriu }, async (t) => {
  const counter = new Counter(t);
  const { bundle, images } = counter;
  await counter.start();
  const { pid } = bundle.state();
  succeed(counter.checkpoint('--leave-running'));
  assert.ok(existsSync(join(images, 'inventory.img')));
  assert.equal(bundle.state().pid, pid);
  await counter.countsOn(counter.count());
  succeed(bundle.runtime('delete', '--force', bundle.id));
  succeed(counter.restore());
  await counter.countsOn(counter.count());
});
