import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMounts, parseOwnCgroups, unifiedPath } from '../../../src/cgroups/mounts.ts';

const MOUNTINFO = `\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 /docker/a /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 master:2 - cgroup cgroup rw,cpu,cpuacct
40 31 0:37 / /mnt/a\\040b\\134c rw,relatime - cgroup none rw,xattr,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate
42 31 0:39 / /mnt/ - cgroupfoo rw - ext4 /dev/vda rw
`;

test('cgroup mounts are found in mountinfo', () => {
  assert.deepEqual(parseMounts(MOUNTINFO), [
    {
      version: 1,
      mountpoint: '/sys/fs/cgroup/cpu,cpuacct',
      root: '/docker/a',
      options: ['rw', 'cpu', 'cpuacct'],
    },
    { version: 1, mountpoint: '/mnt/a b\\c', root: '/', options: ['rw', 'xattr', 'name=systemd'] },
    { version: 2, mountpoint: '/sys/fs/cgroup/unified', root: '/', options: ['rw', 'nsdelegate'] },
  ]);
});

test('/proc/self/cgroup is parsed by controllers', () => {
  const own = parseOwnCgroups('9:name=systemd:/a:b\n2:cpu,cpuacct:/\n0::/user.slice\n');
  assert.deepEqual(own, [
    { controllers: ['name=systemd'], path: '/a:b' },
    { controllers: ['cpu', 'cpuacct'], path: '/' },
    { controllers: [], path: '/user.slice' },
  ]);
  assert.equal(unifiedPath(own), '/user.slice');
});
