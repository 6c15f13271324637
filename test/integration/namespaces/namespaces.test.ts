import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { test } from 'node:test';
import type { NamespaceType } from '../../../src/config/names/namespace-types.ts';
import { makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { parseLines, sameOutput, scriptOutput } from '../../support/run-script.ts';

const options = { skip: needsRoot };

/** Files of /proc/PID/ns (namespaces(7)). */
const FILES: [NamespaceType, string][] = [
  ['pid', 'pid'],
  ['network', 'net'],
  ['ipc', 'ipc'],
  ['uts', 'uts'],
  ['mount', 'mnt'],
  ['cgroup', 'cgroup'],
  ['user', 'user'],
  ['time', 'time'],
];

const LINKS =
  'for n in pid net ipc uts mnt cgroup user time; do echo $n=$(readlink /proc/self/ns/$n); done';

const mapRoot = (spec: TestSpec): void => {
  spec.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  spec.linux.gidMappings = [{ containerID: 0, hostID: 200_000, size: 65_536 }];
};

const own = (file: string): string => readlinkSync(`/proc/self/ns/${file}`);

test('listed namespaces are new, the others are the caller’s', options, (t) => {
  const wanted: NamespaceType[][] = [
    ['mount', 'pid'],
    ['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup', 'time'],
  ];
  for (const types of wanted) {
    const seen = parseLines(
      scriptOutput(t, LINKS, {
        spec: (spec) => {
          spec.linux.namespaces = types.map((type) => ({ type }));
          if (!types.includes('uts')) delete spec.hostname;
          if (!types.includes('network'))
            spec.mounts = spec.mounts.filter(({ type }) => type !== 'sysfs');
          if (!types.includes('ipc'))
            spec.mounts = spec.mounts.filter(({ type }) => type !== 'mqueue');
        },
      }),
    );
    for (const [type, file] of FILES) {
      const isNew = seen[file] !== own(file);
      assert.equal(isNew, types.includes(type), `${type} of ${types}`);
    }
  }
});

test('a namespace with a path is joined', options, (t) => {
  const other = makeBundle(t, { args: ['sleep', '1000'] });
  other.configure((spec) => {
    spec.process.args = ['sleep', '1000'];
    spec.linux.namespaces.push({ type: 'cgroup' }, { type: 'time' });
  });
  other.runDetached();
  const { pid } = other.state();
  const joined: NamespaceType[] = ['network', 'ipc', 'uts', 'pid', 'cgroup', 'time'];
  const seen = parseLines(
    scriptOutput(t, `${LINKS}; hostname | sed s/^/host=/`, {
      spec: (spec) => {
        delete spec.hostname;
        spec.linux.namespaces = [{ type: 'mount' }];
        for (const [type, file] of FILES.filter(([type]) => joined.includes(type))) {
          spec.linux.namespaces.push({ type, path: `/proc/${pid}/ns/${file}` });
        }
      },
    }),
  );
  for (const [type, file] of FILES) {
    const theirs = readlinkSync(`/proc/${pid}/ns/${file}`);
    if (joined.includes(type)) assert.equal(seen[file], theirs, type);
  }
  assert.equal(seen.host, 'davit');
});

test('a user namespace and the namespaces that it owns are joined by path', options, (t) => {
  const other = makeBundle(t, {
    args: ['sleep', '1000'],
    spec: (spec) => {
      spec.linux.namespaces.push({ type: 'user' });
      mapRoot(spec);
    },
  });
  other.runDetached();
  const { pid } = other.state();
  const spec = (spec: TestSpec): void => {
    delete spec.hostname;
    spec.linux.namespaces = [
      { type: 'mount' },
      ...(['user', 'network', 'ipc', 'uts', 'pid'] as const).map((type) => ({
        type,
        path: `/proc/${pid}/ns/${type === 'network' ? 'net' : type}`,
      })),
    ];
  };
  // runc 1.1 also wants mappings here, and the kernel accepts them only once: no comparison.
  const seen = scriptOutput(t, 'cat /proc/self/uid_map; id; readlink /proc/self/ns/user', { spec });
  assert.match(seen, /^\s+0\s+100000\s+65536\nuid=0\(root\) gid=0\(root\)/);
  assert.ok(seen.endsWith(readlinkSync(`/proc/${pid}/ns/user`)));
});

test('uid and gid mappings', options, (t) => {
  const script =
    'cat /proc/self/uid_map /proc/self/gid_map; id -u; stat -c %u:%g /proc/self /dev/null /; cat /proc/self/setgroups';
  const seen = sameOutput(t, script, (spec) => {
    spec.linux.namespaces.push({ type: 'user' });
    mapRoot(spec);
    spec.linux.uidMappings!.push({ containerID: 70_000, hostID: 300_000, size: 10 });
  });
  assert.match(seen, /^\s+0\s+100000\s+65536\n\s+70000\s+300000\s+10\n\s+0\s+200000\s+65536\n0\n/);
});

test('a mapped user owns the files it makes on the host', options, (t) => {
  const seen = scriptOutput(t, 'touch /mnt/made && stat -c %u:%g /mnt/made', {
    spec: (spec) => {
      spec.linux.namespaces.push({ type: 'user' });
      mapRoot(spec);
      spec.mounts.push({ destination: '/mnt', type: 'tmpfs', source: 'tmpfs' });
    },
  });
  assert.equal(seen, '0:0');
});

test('time offsets', options, (t) => {
  const seen = scriptOutput(t, 'cat /proc/self/timens_offsets; cut -d. -f1 /proc/uptime', {
    spec: (spec) => {
      spec.linux.namespaces.push({ type: 'time' });
      spec.linux.timeOffsets = {
        monotonic: { secs: 1000, nanosecs: 5 },
        boottime: { secs: 1_000_000 },
      };
    },
  });
  assert.match(seen, /monotonic\s+1000\s+5\nboottime\s+1000000\s+0\n/);
  assert.ok(Number(seen.split('\n').at(-1)) >= 1_000_000);
});

test('hostname, domainname, and the loopback device', options, (t) => {
  const seen = sameOutput(
    t,
    'hostname; cat /proc/sys/kernel/domainname; cat /sys/class/net/lo/flags; ls /sys/class/net; echo $$',
    (spec) => {
      spec.hostname = 'boat';
    },
  );
  assert.equal(seen, 'boat\n(none)\n0x9\nlo\n1');
  // runc 1.1 does not know domainname: it warns and ignores it.
  const domain = scriptOutput(t, 'cat /proc/sys/kernel/domainname', {
    spec: (spec) => {
      spec.domainname = 'harbour';
    },
  });
  assert.equal(domain, 'harbour');
  const { stdout } = spawnSync('hostname', { encoding: 'utf8' });
  assert.notEqual(stdout.trim(), 'boat');
});

test('sysctls of the new namespaces', options, (t) => {
  const script =
    'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmax /proc/sys/fs/mqueue/msg_max';
  const seen = sameOutput(t, script, (spec) => {
    spec.linux.sysctl = {
      'net.ipv4.ip_forward': '1',
      'kernel.shmmax': '123456',
      'fs.mqueue.msg_max': '17',
    };
  });
  assert.equal(seen, '1\n123456\n17');
});
