import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { type Cgroup, type CgroupHierarchy, directoryOf } from '../../../../src/cgroups/cgroup.ts';
import { removeTrees } from '../../../../src/cgroups/directories.ts';
import { openCgroup } from '../../../../src/cgroups/open.ts';
import type { LinuxResources } from '../../../../src/config/types.ts';
import { needsRoot } from '../../../support/bundle.ts';
import { runcContainer } from '../runc-container.ts';
import { testCgroup, uniqueName } from '../test-cgroup.ts';

const asRoot = { skip: needsRoot };

/** Files with counters and events, not with settings. */
const VOLATILE =
  /usage|stat\b|numa_stat|shown_ram|current|threads|procs|tasks|failcnt|serviced|service_bytes|slabinfo|peak|events|pressure/;

function settings(cgroup: Cgroup): Record<string, string> {
  const found: Record<string, string> = {};
  for (const hierarchy of cgroup.hierarchies) {
    const dir = directoryOf(hierarchy);
    for (const file of readdirSync(dir)) {
      const { mode } = statSync(`${dir}/${file}`);
      if (VOLATILE.test(file) || mode & 0o40000 || !(mode & 0o444)) continue;
      const name = `${hierarchy.controllers.join()}/${file}`;
      found[name] = readFileSync(`${dir}/${file}`, 'utf8').split('\n').sort().join('\n');
    }
  }
  return found;
}

const CASES: Record<string, LinuxResources> = {
  'nothing at all': {},
  'limits of every kind': {
    memory: { limit: 64 << 20, swap: 128 << 20, reservation: 32 << 20, swappiness: 7 },
    cpu: { shares: 512, quota: 50_000, period: 200_000, cpus: '0', mems: '0' },
    pids: { limit: 99 },
  },
  'no limits, said with -1': {
    memory: { limit: -1 },
    cpu: { quota: -1 },
    pids: { limit: -1 },
  },
  'the OOM killer off': { memory: { limit: 64 << 20, disableOOMKiller: true } },
  'zeros, which ask nothing': {
    memory: { limit: 0, swap: 0, reservation: 0 },
    cpu: { shares: 0, quota: 0, period: 0 },
    blockIO: { weight: 0 },
  },
  'rules for devices': {
    devices: [
      { allow: false, access: 'rwm' },
      { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' },
      { allow: true, type: 'b', major: 8, access: 'r' },
      { allow: true, type: 'c', major: 4, minor: 1, access: 'rwm' },
      { allow: false, type: 'c', major: 4, minor: 1, access: 'w' },
    ],
  },
  'every device': { devices: [{ allow: true, access: 'rwm' }] },
  'throttled devices': {
    blockIO: {
      throttleReadBpsDevice: [{ major: 254, minor: 0, rate: 1 << 20 }],
      throttleWriteBpsDevice: [{ major: 254, minor: 0, rate: 2 << 20 }],
      throttleReadIOPSDevice: [{ major: 254, minor: 0, rate: 1000 }],
      throttleWriteIOPSDevice: [{ major: 254, minor: 0, rate: 2000 }],
    },
  },
};

for (const [name, resources] of Object.entries(CASES)) {
  test(`the same files as under runc: ${name}`, asRoot, (t) => {
    const theirs = `/${uniqueName()}`;
    runcContainer(t, theirs.slice(1), { cgroupsPath: theirs, resources });
    const ours = testCgroup(t);
    ours.create(resources);
    ours.apply(resources);
    const options = { id: 'x', cgroupsPath: theirs, rootless: false };
    assert.deepEqual(settings(ours), settings(openCgroup(options)));
  });
}

const parentOf = (hierarchy: CgroupHierarchy): string => dirname(directoryOf(hierarchy));

for (const cgroupsPath of [
  undefined,
  'davit-test-relative',
  '/davit-test-a/b',
  '../davit-test-up',
]) {
  test(`the same path as under runc: ${cgroupsPath}`, asRoot, (t) => {
    const id = uniqueName();
    runcContainer(t, id, { ...(cgroupsPath && { cgroupsPath }), resources: {} });
    const cgroup = openCgroup({ id, cgroupsPath, rootless: false });
    if (cgroupsPath?.startsWith('/')) t.after(() => removeTrees(cgroup.hierarchies.map(parentOf)));
    for (const hierarchy of cgroup.hierarchies) {
      const dir = directoryOf(hierarchy);
      assert.notEqual(readFileSync(`${dir}/cgroup.procs`, 'utf8'), '', dir);
    }
  });
}
