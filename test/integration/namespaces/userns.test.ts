import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { DAVIT, runCommand } from '../../support/command.ts';
import { chownTree } from '../../support/host/chown-tree.ts';
import { runScript, sameOutput, scriptOutput } from '../../support/run-script.ts';
import { waitFor } from '../../support/wait-for.ts';

const options = { skip: needsRoot };
/** The container's root, as the host sees it. */
const BASE = 100_000;
const MAPPINGS = [{ containerID: 0, hostID: BASE, size: 65536 }];

function inUserNamespace(spec: TestSpec): void {
  spec.linux.namespaces.push({ type: 'user' });
  spec.linux.uidMappings = MAPPINGS;
  spec.linux.gidMappings = MAPPINGS;
}

test('the container’s view is the same as under runc', options, (t) => {
  const script = `
    id -u; id -g; cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups
    grep -E '^(Cap|NoNewPrivs|Uid|Gid|Groups)' /proc/self/status
    ls -ln /dev /dev/shm /dev/pts /proc/self/ns | grep -v mqueue | sed -E 's/ +[A-Z][a-z]{2} +[0-9]+ +[0-9:]+//; s/\\[[0-9]+\\]//'
    cut -d' ' -f4- /proc/self/mountinfo | grep -vE '^/[^ ]+ / | /(proc/acpi|proc/scsi|sys/firmware) '
    cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_forward; hostname; ulimit -n
    cat /proc/self/oom_score_adj; stat -c '%u %g' /bin/busybox /`;
  const view = sameOutput(t, script, (spec) => {
    inUserNamespace(spec);
    spec.process.user = { uid: 5, gid: 6, additionalGids: [3, 4] };
    spec.process.oomScoreAdj = 77;
    spec.linux.sysctl = { 'kernel.msgmax': '9999', 'net.ipv4.ip_forward': '1' };
    spec.linux.devices = [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229 }];
    spec.linux.namespaces.push({ type: 'cgroup' });
    // Sorted, because runc has the cgroups in another order.
    spec.mounts = spec.mounts.filter(({ type }) => type !== 'cgroup');
  });
  assert.match(view, new RegExp(`^5\n6\n +0 +${BASE} +65536$`, 'm'));
  assert.match(view, /^9999\n1$/m);
});

test('the ids, files and state that the host sees', options, (t) => {
  const bundle = makeBundle(t, { args: ['sh', '-c', 'touch /mnt/made; exec sleep 1000'] });
  const directory = join(bundle.dir, 'shared');
  mkdirSync(directory);
  chownTree(directory, BASE + 5, BASE + 6);
  bundle.configure((spec) => {
    inUserNamespace(spec);
    spec.process.args = ['sh', '-c', 'touch /mnt/made; stat -c "%u %g" /mnt/made; exec sleep 1000'];
    spec.process.user = { uid: 5, gid: 6 };
    spec.mounts.push({ destination: '/mnt', type: 'bind', source: directory, options: ['bind'] });
  });
  bundle.runDetached();
  const status = readFileSync(`/proc/${bundle.state().pid}/status`, 'utf8');
  assert.match(status, new RegExp(`^Uid:\t${BASE + 5}\t${BASE + 5}\t`, 'm'));
  assert.match(status, new RegExp(`^Gid:\t${BASE + 6}\t`, 'm'));
  // The host root's groups are not passed on to the container.
  assert.match(status, /^Groups:\t *$/m);
});

test('the mqueue file system belongs to the container’s root', options, (t) => {
  assert.equal(scriptOutput(t, 'stat -c "%u %g" /dev/mqueue', { spec: inUserNamespace }), '0 0');
});

test('mount sources that only the host’s root can reach', options, (t) => {
  const bundle = makeBundle(t, { args: ['true'] });
  const secret = join(bundle.dir, 'secret');
  mkdirSync(join(secret, 'inner'), { recursive: true });
  chownTree(join(secret, 'inner'), BASE, BASE);
  chmodSync(secret, 0o700);
  writeFileSync(join(secret, 'inner/file'), 'told\n');
  bundle.configure((spec) => {
    inUserNamespace(spec);
    const bind = (source: string, destination: string) =>
      spec.mounts.push({ destination, source, type: 'bind', options: ['rbind', 'ro', 'nosuid'] });
    bind(join(secret, 'inner'), '/mnt');
    bind(join(secret, 'inner/file'), '/etc/told');
    spec.process.args = [
      'sh',
      '-c',
      'cat /mnt/file /etc/told; grep -E "/mnt|/etc/told" /proc/self/mountinfo | cut -d" " -f6; touch /mnt/new',
    ];
    spec.root.readonly = false;
  });
  chownTree(bundle.rootfs, BASE, BASE);
  const { stdout, stderr } = bundle.run();
  assert.equal(stdout, 'told\ntold\nro,nosuid,relatime\nro,nosuid,relatime\n', stderr);
  assert.match(stderr, /Read-only file system/);
});

test('exec enters the user namespace', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'], spec: inUserNamespace });
  bundle.runDetached();
  const script = 'id -u; id -g; grep Groups /proc/self/status; cat /proc/self/uid_map';
  const map = `         0     ${BASE}      65536\n`;
  assert.equal(bundle.exec('sh', '-c', script).stdout, `0\n0\nGroups:\t \n${map}`);
  const { stdout } = bundle.runtime(
    ...['exec', '--user', '5:6', '--additional-gids', '7', bundle.id, 'sh', '-c', script],
  );
  assert.equal(stdout, `5\n6\nGroups:\t7 \n${map}`);
  const unmapped = bundle.runtime('exec', '--user', '70000', bundle.id, 'true');
  assert.match(unmapped.stderr, /process\.user\.uid: cannot setuid to unmapped uid 70000/);
});

test('time offsets together with a cgroup namespace', options, (t) => {
  const spec = (config: TestSpec): void => {
    inUserNamespace(config);
    config.linux.namespaces.push({ type: 'time' }, { type: 'cgroup' });
    config.linux.timeOffsets = { monotonic: { secs: 1000 }, boottime: { secs: 2000, nanosecs: 5 } };
    config.process.args = ['sleep', '1000'];
  };
  const bundle = makeBundle(t, { spec });
  bundle.configure(spec);
  bundle.runDetached();
  const { stdout } = bundle.exec('sh', '-c', 'cat /proc/self/timens_offsets /proc/uptime');
  assert.match(stdout, /^monotonic +1000 +0\nboottime +2000 +5\n/);
  const host = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  const inside = Number(stdout.split('\n')[2]!.split(' ')[0]);
  assert.ok(Math.abs(inside - host - 2000) < 5, `${inside} ${host}`);
  const cgroups = bundle.exec('cat', '/proc/self/cgroup').stdout;
  assert.match(cgroups, /:pids:\/$|^0::\/$/m);
  const namespaces = 'cd /proc/$0/ns && for n in *; do readlink $n; done';
  const [init, execed] = ['1', 'self'].map(
    (pid) => bundle.exec('sh', '-c', namespaces, pid).stdout,
  );
  assert.equal(execed, init, 'exec makes no namespaces of its own');
});

test(
  'an existing user namespace is joined, with and without mappings in config.json',
  options,
  async (t) => {
    const path = await existingNamespace(t);
    for (const mappings of [MAPPINGS, undefined]) {
      const view = scriptOutput(t, 'cat /proc/self/uid_map; stat -c %u /dev/shm; id -u', {
        spec: (spec) => {
          spec.linux.namespaces.push({ type: 'user', path });
          if (mappings) Object.assign(spec.linux, { uidMappings: mappings, gidMappings: mappings });
          spec.process.user = { uid: 5, gid: 5 };
        },
      });
      assert.match(view, new RegExp(`^ +0 +${BASE} +65536\n0\n5$`));
    }
  },
);

/** Returns the path of a user namespace with MAPPINGS, kept open by a sleeping process. */
async function existingNamespace(t: TestContext): Promise<string> {
  const holder = spawn('unshare', ['--user', 'sleep', '1000'], { stdio: 'ignore' });
  t.after(() => holder.kill('SIGKILL'));
  const proc = `/proc/${holder.pid}`;
  await waitFor(() => readFileSync(`${proc}/comm`, 'utf8') === 'sleep\n');
  for (const file of ['uid_map', 'gid_map']) writeFileSync(`${proc}/${file}`, `0 ${BASE} 65536`);
  return `${proc}/ns/user`;
}

test('mappings that the kernel cannot apply are refused', options, (t) => {
  const refusals: [(spec: TestSpec) => void, RegExp][] = [
    [
      (spec) => {
        spec.linux.uidMappings = [...MAPPINGS, { containerID: 5, hostID: 1, size: 1 }];
      },
      /linux\.uidMappings/,
    ],
    [
      (spec) => {
        spec.linux.gidMappings = [];
      },
      /linux\.gidMappings: .*expected at least one mapping/,
    ],
    [
      (spec) => {
        spec.process.user.uid = 65536;
      },
      /process\.user\.uid: 65536: expected an id that linux\.uidMappings maps/,
    ],
  ];
  for (const [change, expected] of refusals) {
    const { status, stderr } = runScript(t, 'true', {
      spec: (spec) => {
        inUserNamespace(spec);
        change(spec);
      },
    });
    assert.equal(status, 1);
    assert.match(stderr, expected);
  }
});

test('with --rootless, root’s additional groups are dropped', options, (t) => {
  const bundle = makeBundle(t, { args: ['grep', 'Groups', '/proc/self/status'] });
  const { stdout, stderr } = runCommand('setpriv', [
    ...['--groups', '5,6', DAVIT, '--root', bundle.root, '--rootless=true'],
    ...['run', '--bundle', bundle.dir, bundle.id],
  ]);
  assert.match(stdout, /^Groups:\t *$/m, stderr);
});
