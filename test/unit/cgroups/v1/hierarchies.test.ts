import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMounts, parseOwnCgroups } from '../../../../src/cgroups/mounts.ts';
import { type CgroupSystem, findHierarchies } from '../../../../src/cgroups/v1/hierarchies.ts';

const CGROUP = 0x27e0eb;
const CGROUP2 = 0x63677270;
const ROOT = '/sys/fs/cgroup';

const MOUNTINFO = `\
30 23 0:31 /docker/a /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
31 23 0:32 / /sys/fs/cgroup/devices rw - cgroup cgroup rw,devices
32 23 0:33 / /elsewhere/memory rw - cgroup cgroup rw,memory
33 23 0:34 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd
`;
const OWN =
  '4:cpu,cpuacct:/docker/a/b\n3:devices:/d\n2:memory:/m\n1:name=systemd:/\n5:debug:/\n0::/u\n';

/** Another machine's cgroups. `types` are the file systems at the usual mount points. */
const machine = (types: Record<string, number>): CgroupSystem => ({
  own: parseOwnCgroups(OWN),
  mounts: () => parseMounts(MOUNTINFO),
  fileSystem: (path) => types[path.slice(ROOT.length + 1)] ?? 0,
});

const places = (cgroupsPath: string | undefined, system: CgroupSystem): string[] =>
  findHierarchies({ cgroupsPath, id: 'web1' }, ROOT, system).map(
    ({ controllers, mountpoint, path }) => `${controllers.join()} ${mountpoint} ${path}`,
  );

const USUAL = { 'cpu,cpuacct': CGROUP, devices: CGROUP, memory: CGROUP, systemd: CGROUP };

test('an absolute path in hierarchies at the usual places needs no mountinfo', () => {
  const system = { ...machine(USUAL), mounts: () => assert.fail('mountinfo was read') };
  assert.deepEqual(places('/a/b', system), [
    'devices /sys/fs/cgroup/devices /a/b',
    'cpu,cpuacct /sys/fs/cgroup/cpu,cpuacct /a/b',
    'name=systemd /sys/fs/cgroup/systemd /a/b',
    'memory /sys/fs/cgroup/memory /a/b',
  ]);
});

test('hierarchies at other places are found in mountinfo', () => {
  assert.ok(places('/a', machine({ ...USUAL, memory: 0 })).includes('memory /elsewhere/memory /a'));
});

test('a relative path is below the own cgroup in each hierarchy', () => {
  assert.deepEqual(places(undefined, machine(USUAL)), [
    'devices /sys/fs/cgroup/devices /d/web1',
    'cpu,cpuacct /sys/fs/cgroup/cpu,cpuacct /b/web1',
    'name=systemd /sys/fs/cgroup/systemd /web1',
    'memory /elsewhere/memory /m/web1',
  ]);
});

test('in hybrid mode the unified hierarchy is joined as well, at the same path', () => {
  const hybrid = machine({ ...USUAL, unified: CGROUP2 });
  assert.equal(places('/a', hybrid)[0], ' /sys/fs/cgroup/unified /a');
  assert.equal(places(undefined, hybrid)[0], ' /sys/fs/cgroup/unified /web1');
});

test('without the devices controller there is no container', () => {
  const system = { ...machine({}), mounts: () => [] };
  assert.throws(() => places('/a', system), { message: 'mountpoint for devices not found' });
});
