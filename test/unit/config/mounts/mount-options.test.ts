import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMountOptions } from '../../../../src/config/mounts/mount-options.ts';
import { MOUNT_OPTION_NAMES } from '../../../../src/config/names/mount-options.ts';
import * as mount from '../../../../src/syscalls/mount/mount.ts';
import * as api from '../../../../src/syscalls/mount/mount-api.ts';

test('options are split into flags, cleared flags, propagation and data', () => {
  const options = parseMountOptions([
    'rbind',
    'ro',
    'rw',
    'nosuid',
    'noexec',
    'exec',
    'rslave',
    'shared',
    'size=64k',
    'defaults',
  ]);
  assert.equal(options.flags, mount.MS_BIND | mount.MS_REC | mount.MS_NOSUID);
  assert.equal(options.clearedFlags, mount.MS_RDONLY | mount.MS_NOEXEC);
  assert.deepEqual(options.propagation, [mount.MS_SLAVE | mount.MS_REC, mount.MS_SHARED]);
  assert.deepEqual(options.data, ['size=64k']);
  assert.equal(options.recursive, undefined);
});

test('of recursive attributes the later one counts; access times replace each other', () => {
  assert.deepEqual(parseMountOptions(['rro', 'rrw', 'rnosuid']).recursive, {
    set: api.MOUNT_ATTR_NOSUID,
    clear: api.MOUNT_ATTR_RDONLY,
  });
  assert.deepEqual(parseMountOptions(['rnoatime', 'rstrictatime']).recursive, {
    set: api.MOUNT_ATTR_STRICTATIME,
    clear: api.MOUNT_ATTR__ATIME,
  });
  assert.deepEqual(parseMountOptions(['rrelatime']).recursive, {
    set: 0,
    clear: api.MOUNT_ATTR__ATIME,
  });
});

test('extensions are recognized; names of Object.prototype are data', () => {
  const options = parseMountOptions(['tmpcopyup', 'ridmap', 'constructor', 'toString']);
  assert.equal(options.tmpcopyup, true);
  assert.equal(options.idmap, 'ridmap');
  assert.deepEqual(options.data, ['constructor', 'toString']);
});

test('every option of config.md is known', () => {
  // config.md, "Linux mount options", without idmap and ridmap, which features lists separately.
  const spec = `async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand noatime
    nodev nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow
    private ratime rbind rdev rdiratime relatime remount rexec rnoatime rnodev rnodiratime rnoexec
    rnorelatime rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared rslave
    rstrictatime rsuid rsymfollow runbindable rw shared silent slave strictatime suid symfollow sync
    tmpcopyup unbindable`;
  const crun = ['copy-symlink', 'dest-nofollow', 'src-nofollow'];
  assert.deepEqual(MOUNT_OPTION_NAMES, [...crun, ...spec.split(/\s+/)].sort());
  for (const name of MOUNT_OPTION_NAMES) assert.deepEqual(parseMountOptions([name]).data, [], name);
});
