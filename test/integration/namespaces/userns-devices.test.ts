import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Device } from '../../../src/config/types.ts';
import { addUserNamespace, giveCapabilities } from '../../support/attacker.ts';
import { makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { DAVIT } from '../../support/command.ts';
import { makeUser, needsUser } from '../../support/host/user.ts';
import { runScript, sameOutput, scriptOutput } from '../../support/run-script.ts';
import { writeRefuser } from '../../support/system-calls/refuse-calls.ts';

const options = { skip: needsRoot };

/** Devices with paths that no host has. */
const zero: Device = { path: '/dev/t-zero', type: 'c', major: 1, minor: 5, fileMode: 0o600 };
const kmsg: Device = { path: '/dev/t-kmsg', type: 'c', major: 1, minor: 11, fileMode: 0o600 };
const disk: Device = { path: '/dev/t/disk', type: 'b', major: 7, minor: 200, fileMode: 0o640 };
const fifo: Device = { path: '/dev/t-fifo', type: 'p', fileMode: 0o600, uid: 3, gid: 4 };

const withDevices =
  (...devices: Device[]) =>
  (spec: TestSpec): void => {
    addUserNamespace(spec);
    // crun 1.8 accepts no later version.
    spec.ociVersion = '1.0.2';
    spec.linux.devices = devices;
  };

const stat = (...devices: Device[]): string =>
  `stat -c '%n %F %t:%T %a %u:%g' ${devices.map(({ path }) => path).join(' ')}`;

test('a device that the host lacks is made, as in crun', options, (t) => {
  const devices = [{ ...zero, uid: 0, gid: 6 }, { ...kmsg, uid: 5 }, disk, fifo];
  const script = `${stat(...devices)}; head -c 3 ${zero.path} | od -c`;
  const view = sameOutput(t, script, withDevices(...devices), { runtimes: ['crun'] });
  assert.match(view, /^\/dev\/t-zero character special file 1:5 600 0:6$/m);
  assert.match(view, /^\/dev\/t\/disk block special file 7:c8 640 0:0$/m);
  assert.match(view, /^0000003$/m);
});

test('the devices cgroup also applies to these devices', options, (t) => {
  const { stdout, stderr } = runScript(t, `head -c 1 ${zero.path} | od -c; cat ${kmsg.path}`, {
    spec: withDevices(zero, kmsg),
  });
  assert.match(stdout, /^0000001$/m, stderr);
  assert.match(stderr, /t-kmsg': Operation not permitted/);
});

test('a host device with the mode and owner of config.json is bind-mounted', options, (t) => {
  const full: Device = { path: '/dev/full', type: 'c', major: 1, minor: 7 };
  const script = `${stat(full)}; grep -c ' /dev/full .* devtmpfs ' /proc/self/mountinfo`;
  for (const more of [{}, { fileMode: 0o666 }, { uid: 70_000 }]) {
    const view = scriptOutput(t, script, { spec: withDevices({ ...full, ...more }) });
    assert.match(view, /1:7 666 65534:65534\n1$/);
  }
});

test('a device with another number, mode or owner than the host’s is made', options, (t) => {
  const full: Device = { path: '/dev/full', type: 'c', major: 1, minor: 7 };
  const cases: [Partial<Device>, RegExp][] = [
    [{ minor: 5 }, /1:5 666 0:0$/],
    [{ fileMode: 0o600 }, /1:7 600 0:0$/],
    [{ uid: 5 }, /1:7 666 5:0$/],
    [{ gid: 0 }, /1:7 666 0:0$/],
  ];
  for (const [more, expected] of cases) {
    const device = { ...full, ...more };
    assert.match(scriptOutput(t, stat(device), { spec: withDevices(device) }), expected);
  }
});

test('the devices belong to the container’s root, who can make no others', options, (t) => {
  const script = `
    chmod 660 ${zero.path} && chown 7:8 ${zero.path} && ${stat(zero)}
    mount -o remount,bind,dev /dev; mknod /dev/another c 1 5; umount ${zero.path}; ls /dev/another`;
  const { stdout, stderr } = runScript(t, script, {
    spec: (spec) => {
      withDevices(zero)(spec);
      giveCapabilities(spec);
    },
  });
  assert.equal(stdout, `${zero.path} character special file 1:5 660 7:8\n`, stderr);
  assert.match(stderr, /mknod: \/dev\/another: Operation not permitted/);
});

test('an owner that is not mapped is an error', options, (t) => {
  const { status, stderr } = runScript(t, 'true', { spec: withDevices({ ...zero, gid: 70_000 }) });
  assert.equal(status, 1);
  assert.match(
    stderr,
    /devices: linux\.devices\[0\]\.gid: 70000: expected an id that linux\.gidMappings maps/,
  );
});

test('a user namespace that is joined by path', options, (t) => {
  const holder = makeBundle(t, { args: ['sleep', '1000'], spec: addUserNamespace });
  holder.runDetached();
  const view = scriptOutput(t, stat(zero), {
    spec: (spec) => {
      spec.linux.namespaces.push({ type: 'user', path: `/proc/${holder.state().pid}/ns/user` });
      spec.linux.devices = [{ ...zero, uid: 5 }];
    },
  });
  assert.match(view, /1:5 600 5:0$/);
});

test('without CAP_MKNOD root binds host devices, or gets an error', options, (t) => {
  const attempt = (device: Device) => {
    const bundle = makeBundle(t, { args: ['sh', '-c', stat(device)], spec: withDevices(device) });
    const davit = [DAVIT, '--root', bundle.root, 'run', '-b', bundle.dir, bundle.id];
    return bundle.command('setpriv', '--bounding-set', '-mknod', ...davit);
  };
  const { stdout, stderr } = attempt({ ...zero, path: '/dev/zero' });
  assert.match(stdout, /1:5 666 65534:65534\n$/, stderr);
  assert.match(
    attempt(zero).stderr,
    /^davit: run \S+: devices: linux\.devices\[0\]: bind the host's \/dev\/t-zero: ENOENT: .*\(hint: only the host.s root .*\)\n$/,
  );
});

const onX64 = needsRoot || (process.arch === 'x64' ? false : 'the filter is for x86-64');

test('a refused call: the host’s file, or an error that names the call', { skip: onX64 }, (t) => {
  const attempt = (device: Device) => {
    const bundle = makeBundle(t, { args: ['sh', '-c', stat(device)], spec: withDevices(device) });
    const refuser = writeRefuser(join(bundle.dir, 'refuser'), [{ name: 'open_tree' }], 'ENOSYS');
    const davit = [DAVIT, '--root', bundle.root, 'run', '-b', bundle.dir, bundle.id];
    return bundle.command(refuser, ...davit);
  };
  const { stdout, stderr } = attempt({ ...zero, path: '/dev/zero' });
  assert.match(stdout, /1:5 666 65534:65534\n$/, stderr);
  assert.match(
    attempt(zero).stderr,
    /^davit: run \S+: devices: linux\.devices\[0\]: open_tree .*ENOSYS: .*\(hint: the kernel lacks open_tree.*\)\n$/,
  );
});

test('an ordinary user’s container gets FIFOs and host devices', { skip: needsUser }, (t) => {
  const devices: Device[] = [
    { ...zero, path: '/dev/zero' },
    { ...fifo, uid: 0, gid: 0 },
  ];
  const view = scriptOutput(t, stat(...devices), {
    user: makeUser(t),
    spec: (spec) => {
      spec.linux.devices = devices;
    },
  });
  assert.match(view, /1:5 666 65534:65534\n\/dev\/t-fifo fifo 0:0 600 0:0$/);
});
