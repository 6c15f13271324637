import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Bundle, makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { runScript, sameOutput, scriptOutput } from '../../support/run-script.ts';

const options = { skip: needsRoot };

/**
 * Prints mount points, file system types and options. Leaves out ids and devices, which differ
 * between runs.
 */
const MOUNTS =
  'awk \'{ for (i = 7; $i != "-"; i++); print $5, $6, $(i+1), $(i+2), $(i+3) }\' /proc/self/mountinfo | ' +
  "grep -v '^/ ' | sed -E 's/,?(inode64|nr_inodes=[0-9]+)//g'";

test('the mounts of the default configuration', options, (t) => {
  // davit limits the tmpfs over a masked directory to one page; runc only makes it read-only.
  const seen = sameOutput(t, `${MOUNTS} | grep -v /sys/fs/cgroup | sed s/,size=4k$//`);
  assert.match(seen, /^\/proc rw,relatime proc proc rw$/m);
  assert.match(seen, /^\/dev rw,nosuid tmpfs tmpfs rw,size=65536k,mode=755/m);
  assert.match(
    seen,
    /^\/dev\/pts rw,nosuid,noexec,relatime devpts devpts rw,gid=5,mode=620,ptmxmode=666$/m,
  );
  assert.match(seen, /^\/dev\/shm rw,nosuid,nodev,noexec,relatime tmpfs shm rw,size=65536k$/m);
  assert.match(seen, /^\/dev\/mqueue rw,nosuid,nodev,noexec,relatime mqueue mqueue rw$/m);
  assert.match(seen, /^\/sys ro,nosuid,nodev,noexec,relatime sysfs sysfs/m);
});

test('the cgroup mount of the default configuration', options, (t) => {
  sameOutput(t, `${MOUNTS} | grep /sys/fs/cgroup | awk '{ print $1, $2, $3 }' | sort`);
});

test('bind mounts: a directory, a file, read-only, recursive or not', options, (t) => {
  const script = `
    cat /data/file /single; ls /plain/below /deep/below
    touch /data/new && echo writable
    touch /ro/new 2>/dev/null || echo read-only
    touch /deepro/below/new 2>/dev/null && echo below is writable`;
  const bundles: Bundle[] = [];
  const views = (['davit', 'runc'] as const).map((runtime) => {
    const bundle = makeBundle(t, { runtime });
    bundles.push(bundle);
    mkdirSync(join(bundle.dir, 'data'));
    writeFileSync(join(bundle.dir, 'data/file'), 'text\n');
    mkdirSync(join(bundle.dir, 'tree/below'), { recursive: true });
    bundle.configure((spec) => {
      const bind = (destination: string, source: string, ...more: string[]) =>
        spec.mounts.push({
          destination,
          type: 'bind',
          source: join(bundle.dir, source),
          options: more,
        });
      spec.process.args = ['sh', '-c', script];
      spec.root.readonly = false;
      bind('/data', 'data', 'bind');
      bind('/single', 'data/file', 'bind', 'ro');
      bind('/ro', 'data', 'rbind', 'ro');
      spec.mounts.push({ destination: '/deep', type: 'tmpfs', source: 'tmpfs' });
      bind('/plain', 'tree', 'bind');
      bind('/deep', 'tree', 'rbind');
      bind('/deepro', 'tree', 'rbind');
    });
    const { stdout, stderr, status } = bundle.run();
    assert.equal(status, 0, stderr);
    return stdout;
  });
  assert.equal(views[0], views[1]);
  assert.match(views[0]!, /^text\ntext\n/);
  assert.match(views[0]!, /writable\nread-only\nbelow is writable\n$/);
});

test('mount options', options, (t) => {
  const seen = sameOutput(t, `${MOUNTS} | grep /mnt`, (spec) => {
    spec.mounts.push(
      {
        destination: '/mnt/a',
        type: 'tmpfs',
        source: 'a',
        options: ['nosuid', 'nodev', 'noexec', 'noatime', 'size=1m', 'mode=700', 'uid=3'],
      },
      { destination: '/mnt/b', type: 'tmpfs', source: 'b', options: ['ro', 'nodiratime'] },
    );
  });
  assert.match(
    seen,
    /^\/mnt\/a rw,nosuid,nodev,noexec,noatime tmpfs a rw,size=1024k,mode=700,uid=3$/m,
  );
  assert.match(seen, /^\/mnt\/b ro,nodiratime,relatime tmpfs b/m);
});

test('propagation of mounts and of the root', options, (t) => {
  const script =
    "awk '$5 == \"/\" || $5 ~ /mnt/ { print $5, $7 }' /proc/self/mountinfo | sed 's/:.*/:N/'";
  const mounts = ['private', 'rshared', 'slave', 'unbindable'];
  const change =
    (rootfsPropagation: 'private' | 'slave' | 'shared' | 'unbindable') => (spec: TestSpec) => {
      spec.linux.rootfsPropagation = rootfsPropagation;
      for (const option of mounts) {
        spec.mounts.push({
          destination: `/mnt/${option}`,
          type: 'tmpfs',
          source: 'm',
          options: [option],
        });
      }
    };
  for (const root of ['private', 'slave'] as const) sameOutput(t, script, change(root));
  // runc 1.1 sets these on the host's root instead of the container's; newer ones do not.
  assert.match(scriptOutput(t, script, { spec: change('shared') }), /^\/ shared:N\n/);
  assert.match(scriptOutput(t, script, { spec: change('unbindable') }), /^\/ unbindable\n/);
});

test('tmpcopyup copies what the tmpfs covers into it', options, (t) => {
  sameOutput(
    t,
    "ls -l /etc | sed 1d | awk '{ print $1, $5, $9 }'; touch /etc/new && echo writable",
    (spec) => {
      spec.mounts.push({
        destination: '/etc',
        type: 'tmpfs',
        source: 'etc',
        options: ['tmpcopyup'],
      });
    },
  );
});

test('default devices and symlinks in /dev', options, (t) => {
  const script = `
    cd /dev; for d in null zero full random urandom tty; do stat -c '%n %a %t:%T %u:%g' $d; done
    for l in fd stdin stdout stderr ptmx; do echo $l $(readlink $l); done
    echo x > null; head -c 4 zero | od -An -tx1; echo x > full 2>/dev/null || echo full`;
  const seen = sameOutput(t, script);
  assert.match(seen, /^null 666 1:3 0:0$/m);
  assert.match(seen, /^ptmx pts\/ptmx$/m);
  assert.match(seen, /^ 00 00 00 00\nfull$/m);
});

test('devices of linux.devices', options, (t) => {
  const script =
    "stat -c '%n %F %a %t:%T %u:%g' /dev/loopy /dev/pipe /dev/sub/zero; head -c 2 /dev/sub/zero | od -An -tx1";
  const seen = sameOutput(t, script, (spec) => {
    spec.linux.devices = [
      { path: '/dev/loopy', type: 'b', major: 7, minor: 3, fileMode: 0o640, uid: 5, gid: 6 },
      { path: '/dev/pipe', type: 'p', fileMode: 0o600 },
      { path: '/dev/sub/zero', type: 'c', major: 1, minor: 5, fileMode: 0o666 },
    ];
    spec.linux.resources!.devices!.push({
      allow: true,
      type: 'c',
      major: 1,
      minor: 5,
      access: 'rwm',
    });
  });
  assert.match(seen, /^\/dev\/loopy block special file 640 7:3 5:6$/m);
});

test('a device that no cgroup rule allows cannot be opened', options, (t) => {
  const seen = sameOutput(t, 'cat /dev/kmsg0 2>&1 | head -c 60; true', (spec) => {
    spec.linux.devices = [{ path: '/dev/kmsg0', type: 'c', major: 1, minor: 11, fileMode: 0o666 }];
  });
  assert.match(seen, /Operation not permitted/);
});

test('masked and read-only paths', options, (t) => {
  const script = `
    ls -A /secret | wc -l; wc -c < /secret-file
    for p in /proc/kcore /proc/keys /proc/timer_list; do [ -e $p ] && wc -c < $p; done
    touch /fixed/new 2>/dev/null || echo read-only
    echo 1 > /proc/sys/kernel/hostname 2>/dev/null || echo proc/sys is read-only
    echo h > /proc/sysrq-trigger 2>/dev/null || echo sysrq is read-only`;
  const withDirectories = (spec: TestSpec): void => {
    spec.root.readonly = false;
    spec.mounts.push(
      { destination: '/secret', type: 'tmpfs', source: 'tmpfs' },
      { destination: '/fixed', type: 'tmpfs', source: 'tmpfs' },
    );
    spec.linux.maskedPaths!.push('/secret', '/secret-file', '/not/there');
    spec.linux.readonlyPaths!.push('/fixed', '/nor/here');
  };
  const views = (['davit', 'runc'] as const).map((runtime) => {
    const bundle = makeBundle(t, { runtime });
    bundle.write('secret-file', 'secret');
    bundle.configure((spec) => {
      withDirectories(spec);
      spec.process.args = ['sh', '-c', script];
    });
    return bundle.run().stdout;
  });
  assert.equal(views[0], views[1]);
  assert.match(views[0]!, /^0\n0\n/);
  assert.match(views[0]!, /read-only\nproc\/sys is read-only\nsysrq is read-only\n$/);
});

test('a read-only and a writable root', options, (t) => {
  const script =
    'touch /new 2>/dev/null && echo writable || echo read-only; touch /dev/shm/x && echo shm';
  assert.equal(sameOutput(t, script), 'read-only\nshm');
  const writable = sameOutput(t, script, (spec) => {
    spec.root.readonly = false;
  });
  assert.equal(writable, 'writable\nshm');
});

test('the host’s root cannot be reached', options, (t) => {
  const seen = sameOutput(t, 'ls /proc/1/root/; cd /../../..; ls -A');
  assert.doesNotMatch(seen, /home|usr|work/);
});

test('--no-pivot', options, (t) => {
  const seen = sameOutput(t, 'ls /; cat /etc/passwd; echo $$', undefined, {
    flags: ['--no-pivot'],
  });
  assert.match(seen, /root:x:0:0/);
});

test('a destination that is a symlink is resolved inside the rootfs', options, (t) => {
  const bundle = makeBundle(t);
  bundle.write('etc/inside/x', '');
  symlinkSync('/../../../etc/inside', join(bundle.rootfs, 'link'));
  bundle.configure((spec) => {
    spec.process.args = ['sh', '-c', 'grep -c " /etc/inside " /proc/self/mountinfo'];
    spec.mounts.push({ destination: '/link', type: 'tmpfs', source: 'tmpfs' });
  });
  const { stdout, stderr } = bundle.run();
  assert.equal(stdout, '1\n', stderr);
});

test('the error of a failing mount names its index', options, (t) => {
  const { status, stderr } = runScript(t, 'true', {
    spec: (spec) => {
      spec.mounts.push({ destination: '/mnt', type: 'nosuchfs', source: 'x' });
    },
  });
  assert.equal(status, 1);
  assert.match(stderr, /mounts\[7\]: .*nosuchfs.*ENODEV/);
});

test('a missing working directory is made inside the rootfs', options, (t) => {
  const seen = sameOutput(t, 'pwd; stat -c %a:%u:%g .', (spec) => {
    spec.process.cwd = '/mnt/new/directory';
    spec.root.readonly = false;
  });
  assert.match(seen, /^\/mnt\/new\/directory\n/);
});
