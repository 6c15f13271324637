import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { directoryOf } from '../../../../src/cgroups/cgroup.ts';
import { loadCgroup, openCgroup } from '../../../../src/cgroups/open.ts';
import { FieldError } from '../../../../src/errors/stage-error.ts';
import { needsRoot } from '../../../support/bundle.ts';
import { waitFor } from '../../../support/wait-for.ts';
import {
  attach,
  cgroupsOf,
  contents,
  directory,
  testCgroup,
  testProcess,
  uniqueName,
} from '../test-cgroup.ts';

const options = { skip: needsRoot };

test('a process is attached in every hierarchy, also the unified one', options, async (t) => {
  const cgroup = testCgroup(t);
  cgroup.create();
  const child = await testProcess(t);
  attach(cgroup, child);
  const path = cgroup.hierarchies[0]!.path;
  const places = cgroupsOf(child.pid!);
  assert.equal(places.size, cgroup.hierarchies.length);
  for (const [controllers, place] of places) assert.equal(place, path, controllers);
  assert.deepEqual(cgroup.pids(), [child.pid]);
});

test('a cgroup with processes is refused, in runc’s words', options, async (t) => {
  const cgroup = testCgroup(t);
  cgroup.create();
  const child = await testProcess(t);
  attach(cgroup, child);
  const again = loadCgroup(cgroup.serialize());
  assert.throws(() => again.create(), {
    message: "container's cgroup is not empty: 1 process(es) found",
  });
});

test('processes in sub-cgroups count as well', options, async (t) => {
  const cgroup = testCgroup(t);
  cgroup.create();
  const below = `${directory(cgroup, 'devices')}/below`;
  mkdirSync(below);
  const child = await testProcess(t);
  writeFileSync(`${below}/cgroup.procs`, String(child.pid));
  assert.throws(() => loadCgroup(cgroup.serialize()).create(), /not empty: 1 process/);
  assert.deepEqual(cgroup.pids(), []);
  assert.deepEqual(cgroup.pids({ recursive: true }), [child.pid]);
});

test('a frozen cgroup is refused', options, (t) => {
  const cgroup = testCgroup(t);
  cgroup.create();
  cgroup.freeze();
  assert.throws(() => loadCgroup(cgroup.serialize()).create(), {
    message: "container's cgroup unexpectedly frozen",
  });
  cgroup.thaw();
});

test('an existing cgroup without processes is used', options, (t) => {
  const cgroup = testCgroup(t);
  cgroup.create();
  loadCgroup(cgroup.serialize()).create();
});

test('a failed creation leaves nothing', options, (t) => {
  const parent = `/${uniqueName()}`;
  const cgroup = testCgroup(t, `${parent}/inner`);
  assert.throws(
    () => cgroup.create({ cpu: { cpus: '4000' } }),
    (error: FieldError) => error.configPath === 'linux.resources.cpu.cpus',
  );
  for (const { mountpoint } of cgroup.hierarchies) {
    assert.equal(existsSync(mountpoint + parent), false, mountpoint);
  }
});

test('destroy removes sub-cgroups that the container made', options, (t) => {
  const cgroup = testCgroup(t);
  cgroup.create();
  for (const controller of ['memory', 'pids', '']) {
    mkdirSync(`${directory(cgroup, controller)}/a/b`, { recursive: true });
    mkdirSync(`${directory(cgroup, controller)}/c`);
  }
  cgroup.destroy();
  for (const hierarchy of cgroup.hierarchies)
    assert.equal(existsSync(directoryOf(hierarchy)), false);
  cgroup.destroy();
});

test('destroy fails on a cgroup that stays busy', options, async (t) => {
  const cgroup = testCgroup(t);
  cgroup.create();
  const child = await testProcess(t);
  attach(cgroup, child);
  assert.throws(() => cgroup.destroy(), { code: 'EBUSY', syscall: 'rmdir' });
});

test('a frozen process does not run until it is thawed', options, async (t) => {
  const cgroup = testCgroup(t);
  cgroup.create();
  const child = await testProcess(t, 'while :; do :; done');
  attach(cgroup, child);
  assert.equal(cgroup.frozen(), false);
  cgroup.freeze();
  assert.equal(cgroup.frozen(), true);
  const used = contents(cgroup, 'cpuacct', 'cpuacct.usage');
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(contents(cgroup, 'cpuacct', 'cpuacct.usage'), used);
  cgroup.thaw();
  assert.equal(cgroup.frozen(), false);
  await waitFor(() => contents(cgroup, 'cpuacct', 'cpuacct.usage') !== used);
});

test('a cgroup is not paused if only its parent is frozen', options, (t) => {
  const parent = testCgroup(t);
  parent.create();
  const child = testCgroup(t, `${parent.hierarchies[0]!.path}/inner`);
  child.create();
  parent.freeze();
  assert.equal(child.frozen(), false);
  parent.thaw();
  child.destroy();
});

const BREED = 'breed() { while :; do sleep 60 & sleep 0.01; done; }; breed & breed & breed';

test('killAll ends processes that keep forking', options, async (t) => {
  const cgroup = testCgroup(t);
  cgroup.create();
  const child = await testProcess(t, BREED);
  const gone = once(child, 'exit');
  attach(cgroup, child);
  await waitFor(() => cgroup.pids().length > 5);
  cgroup.killAll();
  assert.deepEqual(cgroup.pids({ recursive: true }), []);
  await gone;
  cgroup.destroy();
});

test('killAll reaches processes that are frozen or left the unified cgroup', options, async (t) => {
  const cgroup = testCgroup(t);
  cgroup.create();
  const child = await testProcess(t);
  attach(cgroup, child);
  writeFileSync('/sys/fs/cgroup/unified/cgroup.procs', String(child.pid));
  cgroup.freeze();
  const gone = once(child, 'exit');
  cgroup.killAll();
  assert.deepEqual(await gone, [null, 'SIGKILL']);
});

test('a cgroup is loaded from its record', options, (t) => {
  const cgroup = testCgroup(t);
  cgroup.create();
  const record = JSON.parse(JSON.stringify(cgroup.serialize()));
  const loaded = loadCgroup(record);
  assert.deepEqual(loaded.hierarchies, cgroup.hierarchies);
  loaded.destroy();
  assert.equal(existsSync(directory(cgroup, 'memory')), false);
});

test('unified settings are refused, in runc’s words', (t) => {
  const cgroup = testCgroup(t);
  const resources = { unified: { 'memory.max': '1' } };
  for (const action of [() => cgroup.create(resources), () => cgroup.apply(resources)]) {
    assert.throws(action, { message: 'invalid configuration: cannot use unified on cgroup v1' });
  }
});

test('a missing controller is an error only if a limit needs it', options, (t) => {
  const whole = testCgroup(t);
  whole.create();
  const { driver, hierarchies } = whole.serialize();
  const without = loadCgroup({
    driver,
    // The test of an engine may have mounted hugetlb's hierarchy.
    hierarchies: hierarchies.filter(
      ({ controllers }) => !controllers.some((name) => name === 'memory' || name === 'hugetlb'),
    ),
  });
  without.apply({ pids: { limit: 10 }, memory: {} });
  assert.throws(
    () => without.apply({ memory: { limit: 1 << 20 } }),
    (error: FieldError) => {
      assert.equal(error.configPath, 'linux.resources.memory.limit');
      assert.match(
        error.message,
        /^cannot set memory limit: container could not join or create cgroup$/,
      );
      return true;
    },
  );
  assert.throws(
    () => without.apply({ hugepageLimits: [{ pageSize: '2MB', limit: 0 }] }),
    FieldError,
  );
});

test('a cgroupsPath with .. stays in the hierarchy', () => {
  const cgroup = openCgroup({
    id: 'x',
    cgroupsPath: '/../../davit-test-nowhere/',
    rootless: false,
  });
  for (const { path } of cgroup.hierarchies) assert.equal(path, '/davit-test-nowhere');
});

test('these tests leave no cgroups', () => {
  const left = readdirSync('/sys/fs/cgroup').flatMap((name) =>
    readdirSync(`/sys/fs/cgroup/${name}`).filter((one) =>
      one.startsWith(`davit-test-${process.pid}-`),
    ),
  );
  assert.deepEqual(left, []);
  assert.throws(() => rmdirSync('/sys/fs/cgroup/memory/davit-test-nowhere'));
});
