import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { directoryOf } from '../../../../src/cgroups/cgroup.ts';
import { DevicePolicy } from '../../../../src/cgroups/limits/device-policy.ts';
import { deviceProgram } from '../../../../src/cgroups/v2/device-program.ts';
import type { V2Cgroup } from '../../../../src/cgroups/v2/driver.ts';
import type { DeviceRule } from '../../../../src/config/types.ts';
import { closePrograms, deviceProgramsOf } from '../../../../src/syscalls/rights/bpf.ts';
import { needsRoot } from '../../../support/bundle.ts';
import { attach, testV2Cgroup } from '../test-cgroup.ts';

const options = { skip: needsRoot };

/** Runs a shell command in the cgroup; true when it succeeds. */
async function may(cgroup: V2Cgroup, command: string): Promise<boolean> {
  const child = spawn('sh', ['-c', `read line; { ${command}; } 2>&1 && echo yes || echo no`], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  attach(cgroup, child);
  return (await text(child.stdout)).trimEnd().endsWith('yes');
}

const READ_KMSG = 'head -c0 /dev/kmsg';
const WRITE_KMSG = ': > /dev/kmsg';
const READ_WRITE_KMSG = ': <> /dev/kmsg';

function withRules(t: TestContext, devices: DeviceRule[]): V2Cgroup {
  const cgroup = testV2Cgroup(t);
  cgroup.create();
  cgroup.apply({ devices });
  return cgroup;
}

function programs(cgroup: V2Cgroup): number {
  const fd = openSync(directoryOf(cgroup.hierarchies[0]!), 'r');
  const found = deviceProgramsOf(fd);
  closePrograms(found);
  closeSync(fd);
  return found.length;
}

test('the default devices are allowed, and no others', options, async (t) => {
  const cgroup = withRules(t, []);
  assert.equal(await may(cgroup, 'head -c1 /dev/zero > /dev/null'), true);
  assert.equal(await may(cgroup, READ_KMSG), false);
  assert.equal(await may(cgroup, 'head -c0 /dev/loop0'), false);
});

test('only the allowed kinds of access are granted', options, async (t) => {
  const rule: DeviceRule = { allow: true, type: 'c', major: 1, minor: 11, access: 'r' };
  const cgroup = withRules(t, [{ allow: false, access: 'rwm' }, rule]);
  assert.equal(await may(cgroup, READ_KMSG), true);
  assert.equal(await may(cgroup, WRITE_KMSG), false);
  assert.equal(await may(cgroup, READ_WRITE_KMSG), false);
});

test('a rule without numbers applies to all devices of its type', options, async (t) => {
  const cgroup = withRules(t, [{ allow: true, type: 'b', access: 'r' }]);
  assert.equal(await may(cgroup, 'head -c0 /dev/loop0'), true);
  assert.equal(await may(cgroup, READ_KMSG), false);
});

test('an exception also refuses access that asks for more', options, async (t) => {
  const cgroup = withRules(t, [
    { allow: true, access: 'rwm' },
    { allow: false, type: 'c', major: 1, minor: 11, access: 'w' },
  ]);
  assert.equal(await may(cgroup, READ_KMSG), true);
  assert.equal(await may(cgroup, WRITE_KMSG), false);
  assert.equal(await may(cgroup, READ_WRITE_KMSG), false);
});

test('a new policy replaces the old program', options, async (t) => {
  const cgroup = withRules(t, []);
  assert.equal(programs(cgroup), 1);
  cgroup.apply({ pids: {} }, { keepDevices: true });
  assert.equal(programs(cgroup), 1);
  cgroup.apply({ devices: [{ allow: true, access: 'rwm' }] });
  assert.equal(programs(cgroup), 1);
  assert.equal(await may(cgroup, READ_KMSG), true);
});

test('a program grows with its exceptions', () => {
  const empty = deviceProgram(DevicePolicy.of([]));
  assert.equal(empty.length / 8, 8);
  const one = deviceProgram(
    DevicePolicy.of([{ allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' }]),
  );
  assert.equal(one.length - empty.length, 5 * 8);
});
