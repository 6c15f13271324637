import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Cgroup, OpenAttachmentOptions } from '../../../src/cgroups/cgroup.ts';
import { needsRoot } from '../../support/bundle.ts';
import { cgroupsOf, directory, parseCgroups, testCgroup, testV2Cgroup } from './test-cgroup.ts';

const asRoot = { skip: needsRoot };

const CHILD = fileURLToPath(new URL('join-child.ts', import.meta.url));

interface Joined {
  places: Record<'later' | 'visit' | 'back' | 'only', Map<string, string>>;
  cloneInto: boolean;
}

function join(cgroup: Cgroup, options: OpenAttachmentOptions): Joined {
  const argument = JSON.stringify({ record: cgroup.serialize(), options });
  const output = execFileSync(process.execPath, [CHILD, argument], { encoding: 'utf8' });
  const { places, cloneInto } = JSON.parse(output);
  for (const step of Object.keys(places)) places[step] = parseCgroups(places[step]);
  return { places, cloneInto };
}

test('v1: a thread moves itself, to the memory cgroup last or for a visit', asRoot, (t) => {
  const cgroup = testCgroup(t);
  cgroup.create();
  const { path } = cgroup.hierarchies[0]!;
  const memory = cgroupsOf(process.pid).get('memory');
  const { places } = join(cgroup, { returns: true });
  assert.equal(places.later.get('memory'), memory);
  assert.equal(places.visit.get('memory'), path);
  assert.equal(places.back.get('memory'), memory);
  for (const [controllers, place] of places.only) assert.equal(place, path, controllers);
  assert.deepEqual(
    [...places.later].filter(([, place]) => place !== path),
    [['memory', memory]],
  );
});

test('v1: with a CPU limit, the thread joins the cpu cgroup last as well', asRoot, (t) => {
  const cgroup = testCgroup(t);
  const resources = { cpu: { quota: 10_000, period: 100_000 } };
  cgroup.create(resources);
  cgroup.apply(resources);
  const { path } = cgroup.hierarchies[0]!;
  const cpu = cgroupsOf(process.pid).get('cpu');
  const { places } = join(cgroup, { returns: true });
  const seen = Object.entries(places).map(([step, groups]) => [step, groups.get('cpu')]);
  assert.deepEqual(Object.fromEntries(seen), { later: cpu, visit: path, back: cpu, only: path });
});

test('v1: the thread does not move where CLONE_INTO_CGROUP places it', asRoot, (t) => {
  const cgroup = testCgroup(t);
  cgroup.create();
  const { places, cloneInto } = join(cgroup, { cloneInto: true });
  assert.equal(cloneInto, true);
  assert.notEqual(places.only.get(''), cgroup.hierarchies[0]!.path);
  assert.equal(places.only.get('pids'), cgroup.hierarchies[0]!.path);
  const attachment = cgroup.openAttachment({ cloneInto: true });
  const { ino } = fstatSync(attachment.cloneInto!);
  const fd = openSync(directory(cgroup, ''), 'r');
  assert.equal(ino, fstatSync(fd).ino);
  closeSync(fd);
  attachment[Symbol.dispose]();
});

test('v2: a process without a memory limit is cloned into its cgroup', asRoot, (t) => {
  const cgroup = testV2Cgroup(t);
  cgroup.create();
  const attachment = cgroup.openAttachment({ cloneInto: true });
  assert.notEqual(attachment.cloneInto, undefined);
  attachment[Symbol.dispose]();
  const { places } = join(cgroup, {});
  assert.equal(places.later.get(''), cgroup.hierarchies[0]!.path);
});

test('closing leaves no fd', asRoot, (t) => {
  const cgroup = testCgroup(t);
  cgroup.create();
  const before = readdirSync('/proc/self/fd').length;
  cgroup.openAttachment({ returns: true, cloneInto: true })[Symbol.dispose]();
  assert.equal(readdirSync('/proc/self/fd').length, before);
});
