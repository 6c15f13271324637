import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { directoryOf } from '../../../../src/cgroups/cgroup.ts';
import { loadCgroup } from '../../../../src/cgroups/open.ts';
import { findUnified } from '../../../../src/cgroups/v2/hierarchy.ts';
import type { FieldError } from '../../../../src/errors/stage-error.ts';
import { needsRoot } from '../../../support/bundle.ts';
import { attach, cgroupsOf, testProcess, testV2Cgroup } from '../test-cgroup.ts';

const options = { skip: needsRoot };

test('a relative path is beside the runtime’s own cgroup', () => {
  const own = [{ controllers: [], path: '/user.slice/session-1.scope' }];
  const place = (cgroupsPath?: string) =>
    findUnified({ cgroupsPath, id: 'web1' }, '/sys/fs/cgroup', own).path;
  assert.equal(place(), '/user.slice/web1');
  assert.equal(place('a/b'), '/user.slice/a/b');
  assert.equal(place('/a/b'), '/a/b');
});

test('a process is attached, counted and killed', options, async (t) => {
  const cgroup = testV2Cgroup(t);
  cgroup.create();
  const child = await testProcess(t);
  attach(cgroup, child);
  assert.equal(cgroupsOf(child.pid!).get(''), cgroup.hierarchies[0]!.path);
  assert.deepEqual(cgroup.pids(), [child.pid]);
  const gone = once(child, 'exit');
  cgroup.killAll();
  assert.deepEqual(await gone, [null, 'SIGKILL']);
  cgroup.destroy();
  assert.equal(existsSync(directoryOf(cgroup.hierarchies[0]!)), false);
});

test('frozen processes are counted and can be killed', options, async (t) => {
  const cgroup = testV2Cgroup(t);
  cgroup.create();
  assert.equal(cgroup.frozen(), false);
  const child = await testProcess(t, 'while :; do :; done');
  attach(cgroup, child);
  cgroup.freeze();
  assert.equal(cgroup.frozen(), true);
  assert.throws(() => cgroup.create(), /not empty: 1 process/);
  cgroup.thaw();
  assert.equal(cgroup.frozen(), false);
  cgroup.freeze();
  cgroup.killAll();
  assert.throws(() => cgroup.create(), { message: "container's cgroup unexpectedly frozen" });
});

test('a failed creation leaves nothing', options, (t) => {
  const parent = testV2Cgroup(t);
  parent.create();
  const dir = directoryOf(parent.hierarchies[0]!);
  writeFileSync(`${dir}/cgroup.max.descendants`, '1');
  const cgroup = testV2Cgroup(t, `${parent.hierarchies[0]!.path}/a/b`);
  assert.throws(() => cgroup.create(), { code: 'EAGAIN', syscall: 'mkdir' });
  assert.equal(existsSync(`${dir}/a`), false);
});

test('destroy removes sub-cgroups that the container made', options, (t) => {
  const cgroup = testV2Cgroup(t);
  cgroup.create();
  const dir = directoryOf(cgroup.hierarchies[0]!);
  mkdirSync(`${dir}/a/b/c`, { recursive: true });
  loadCgroup(JSON.parse(JSON.stringify(cgroup.serialize()))).destroy();
  assert.equal(existsSync(dir), false);
});

test('a threaded cgroup cannot have domain controllers', options, (t) => {
  const parent = testV2Cgroup(t);
  parent.create();
  writeFileSync(`${directoryOf(parent.hierarchies[0]!)}/cgroup.type`, 'threaded');
  const cgroup = testV2Cgroup(t, `${parent.hierarchies[0]!.path}/inner`);
  t.after(() => cgroup.destroy());
  assert.throws(
    () => cgroup.create({ memory: { limit: 1 << 20 } }),
    /^RuntimeError: cannot enter cgroupv2 /,
  );
  cgroup.create();
});

test('a missing controller is an error only if a limit needs it', options, (t) => {
  const cgroup = testV2Cgroup(t);
  cgroup.create();
  cgroup.apply({ memory: {}, cpu: { shares: 0 }, pids: {} }, { keepDevices: true });
  assert.throws(
    () => cgroup.apply({ memory: { limit: 1 << 20 } }),
    (error: FieldError) => {
      assert.equal(error.configPath, 'linux.resources.memory.limit');
      assert.equal(error.message, 'cannot set memory limit: controller "memory" not available');
      return true;
    },
  );
});

test('unified settings are written unchanged, or refused in runc’s words', options, (t) => {
  const cgroup = testV2Cgroup(t);
  cgroup.create();
  const dir = directoryOf(cgroup.hierarchies[0]!);
  const set = (unified: Record<string, string>) => () =>
    cgroup.apply({ unified }, { keepDevices: true });
  set({ 'cgroup.max.depth': '3', 'cgroup.max.descendants': '4\n5\n' })();
  assert.equal(readFileSync(`${dir}/cgroup.max.depth`, 'utf8'), '3\n');
  assert.equal(readFileSync(`${dir}/cgroup.max.descendants`, 'utf8'), '5\n');
  assert.throws(set({ 'memory.max': '1' }), {
    name: 'FieldError',
    configPath: 'linux.resources.unified["memory.max"]',
    message: 'unified resource "memory.max" can\'t be set: controller "memory" not available',
  });
  assert.throws(set({ '../x': '1' }), { message: /must be a file name \(no slashes\)$/ });
  assert.throws(set({ nonsense: '1' }), { message: /must be in the form CONTROLLER.PARAMETER$/ });
  assert.throws(set({ 'cgroup.type': 'nonsense' }), {
    message: /^unable to set unified resource "cgroup.type": write "nonsense" to .*: EINVAL: /,
  });
});
