import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addUserNamespace, giveCapabilities } from '../../support/attacker.ts';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { runScript } from '../../support/run-script.ts';

const options = { skip: needsRoot };

/* What root in a running container may try. */

test('a container cannot write kernel settings', options, (t) => {
  const paths = [
    '/proc/sys/kernel/core_pattern',
    '/proc/sys/kernel/modprobe',
    '/proc/sys/vm/panic_on_oom',
    '/proc/sysrq-trigger',
    '/sys/kernel/uevent_helper',
  ];
  const { stdout } = runScript(
    t,
    `for p in ${paths.join(' ')} /sys/fs/cgroup/*/release_agent /sys/fs/cgroup/*/devices.allow
     do (echo x >$p) 2>/dev/null && echo "wrote $p"; done; true`,
    { spec: (spec) => giveCapabilities(spec, ['CAP_SYS_ADMIN']) },
  );
  assert.equal(stdout, '');
});

test('no cgroup mount shows release_agent, with or without a cgroup namespace', options, (t) => {
  for (const ofItsOwn of [true, false]) {
    const { stdout } = runScript(
      t,
      'find /sys/fs/cgroup -name release_agent; ls -d /sys/fs/cgroup',
      {
        spec: (spec) => {
          giveCapabilities(spec);
          const others = spec.linux.namespaces.filter(({ type }) => type !== 'cgroup');
          spec.linux.namespaces = [...others, ...(ofItsOwn ? [{ type: 'cgroup' as const }] : [])];
          spec.mounts.find(({ type }) => type === 'cgroup')!.options = [
            'nosuid',
            'noexec',
            'nodev',
          ];
        },
      },
    );
    assert.equal(stdout, '/sys/fs/cgroup\n');
  }
});

test('a container cannot open device nodes that it makes', options, (t) => {
  const { stdout } = runScript(
    t,
    `cd /dev; mknod mem c 1 1; mknod kmsg c 1 11; mknod disk b 254 0; mknod sda b 8 0; mknod fuse c 10 229
     for d in mem kmsg disk sda fuse; do test -e $d || echo "no $d"; (: <$d) 2>/dev/null && echo "opened $d"; done; true`,
    { spec: (spec) => giveCapabilities(spec) },
  );
  assert.equal(stdout, '');
});

test('root of a user namespace cannot reach other files of the host', options, (t) => {
  const bundle = makeBundle(t);
  const source = join(bundle.dir, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'secret'), 'of the host');
  writeFileSync(join(source, 'open'), 'to all');
  chmodSync(join(source, 'secret'), 0o600);
  chmodSync(bundle.dir, 0o711);
  bundle.configure((spec) => {
    addUserNamespace(spec);
    giveCapabilities(spec);
    spec.process.args = [
      'sh',
      '-c',
      'cat /mnt/open; cat /mnt/secret; touch /mnt/new; chown 0 /mnt/open; ls /mnt/..',
    ];
    spec.mounts.push({ destination: '/mnt', source, options: ['rbind'] });
  });
  const { stdout, stderr } = bundle.run();
  assert.match(stdout, /^to all(?!.*of the host)/s, stderr);
  for (const refused of [/cat: .*secret/, /touch: .*new/, /chown: .*open/])
    assert.match(stderr, refused);
});

test("a container has neither the caller's terminal nor its session", options, (t) => {
  const { stdout } = runScript(
    t,
    "cut -d' ' -f 5-8 /proc/self/stat; cut -d' ' -f 5-8 /proc/1/stat",
  );
  // Fields: process group, session, terminal and its foreground process group.
  for (const line of stdout.trim().split('\n')) assert.match(line, /^1 1 0 -1$/);
});

test("exec passes on neither the caller's groups nor inheritable capabilities", options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const script = 'grep -E "^(Groups|CapInh|CapAmb)" /proc/self/status';
  const { stdout } = bundle.runtime('exec', '--cap', 'CAP_NET_RAW', bundle.id, 'sh', '-c', script);
  assert.match(stdout, /^Groups:\s*$/m);
  assert.match(stdout, /^CapInh:\t0{16}$/m);
  assert.match(stdout, /^CapAmb:\t0{16}$/m);
});
