import assert from 'node:assert/strict';
import { test } from 'node:test';
import { features } from '../../../src/config/features.ts';
import type { SeccompAction } from '../../../src/config/names/seccomp-actions.ts';
import { makeBundle, needsRoot, type RuntimeName, type TestSpec } from '../../support/bundle.ts';
import { davit } from '../../support/command.ts';
import { runScript, sameOutput } from '../../support/run-script.ts';

const options = { skip: needsRoot };

const denying = (action: SeccompAction, errnoRet?: number) => (spec: TestSpec) => {
  spec.linux.seccomp = {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'],
    syscalls: [
      { names: ['mkdir', 'mkdirat'], action, ...(errnoRet !== undefined && { errnoRet }) },
    ],
  };
};

const TRY = 'mkdir /dev/shm/d 2>&1; echo status $?';
// TRACE gives ENOSYS without a tracer; LOG allows the call; KILL and TRAP end mkdir by SIGSYS (31).
for (const [action, expected] of [
  ['SCMP_ACT_ALLOW', /^status 0$/],
  ['SCMP_ACT_LOG', /^status 0$/],
  ['SCMP_ACT_ERRNO', /not permitted\nstatus 1$/],
  ['SCMP_ACT_TRACE', /not implemented\nstatus 1$/],
  ['SCMP_ACT_TRAP', /status 159$/],
  ['SCMP_ACT_KILL', /status 159$/],
  ['SCMP_ACT_KILL_THREAD', /status 159$/],
  ['SCMP_ACT_KILL_PROCESS', /status 159$/],
] as [SeccompAction, RegExp][]) {
  test(`seccomp: ${action}`, options, (t) => {
    assert.match(sameOutput(t, TRY, denying(action)), expected);
  });
}

test('features lists the seccomp actions tried above, and SCMP_ACT_NOTIFY', options, () => {
  const { stdout } = davit('features');
  const told = JSON.parse(stdout) as ReturnType<typeof features>;
  assert.equal(told.ociVersionMax, '1.3.0');
  assert.equal(told.linux.seccomp.actions!.length, 9);
  assert.equal(told.annotations['org.davit.landlock.enabled'], 'true');
  assert.deepEqual(told, JSON.parse(JSON.stringify(features())));
});

test('every seccomp flag that features lists can be installed', options, (t) => {
  for (const flag of features().linux.seccomp.supportedFlags!) {
    const done = runScript(t, 'grep Seccomp: /proc/self/status', {
      spec: (spec) => {
        denying('SCMP_ACT_ERRNO')(spec);
        spec.linux.seccomp!.flags = [flag as never];
      },
    });
    assert.match(done.stdout, /^Seccomp:\t2$/m, `${flag}: ${done.stderr}`);
  }
});

test('devices: mode and owner', options, (t) => {
  const seen = sameOutput(t, 'stat -c "%n %F %a %u %g %t %T" /dev/own /dev/fifo', (spec) => {
    spec.linux.devices = [
      { type: 'c', path: '/dev/own', major: 1, minor: 3, fileMode: 0o640, uid: 5, gid: 6 },
      { type: 'p', path: '/dev/fifo', fileMode: 0o622, uid: 7, gid: 8 },
    ];
  });
  assert.match(seen, /^\/dev\/own character special file 640 5 6 1 3\n\/dev\/fifo fifo 622 7 8/);
});

test('sysctl: namespaced sysctls are set, others are refused', options, (t) => {
  const seen = sameOutput(
    t,
    'cat /proc/sys/kernel/shm_rmid_forced /proc/sys/net/ipv4/ip_forward',
    (spec) => {
      spec.linux.sysctl = { 'kernel.shm_rmid_forced': '1', 'net.ipv4.ip_forward': '1' };
    },
  );
  assert.equal(seen, '1\n1');
  for (const name of ['vm.swappiness', 'kernel.panic', 'net.ipv4/../../kernel.panic']) {
    const done = runScript(t, 'true', {
      spec: (spec) => {
        spec.linux.sysctl = { [name]: '1' };
      },
    });
    assert.equal(done.status, 1, name);
    assert.match(done.stderr, /linux\.sysctl/);
  }
});

test('personality', options, (t) => {
  const seen = sameOutput(t, 'uname -m', (spec) => {
    spec.linux.personality = { domain: 'LINUX' };
  });
  assert.equal(seen, process.arch === 'x64' ? 'x86_64' : 'aarch64');
});

// runc 1.1 has no time namespaces; 1.2 has.
test('timeOffsets', options, (t) => {
  const done = runScript(t, 'cut -d. -f1 /proc/uptime', {
    spec: (spec) => {
      spec.linux.namespaces.push({ type: 'time' });
      spec.linux.timeOffsets = { boottime: { secs: 5_000_000 }, monotonic: { secs: 7 } };
    },
  });
  assert.ok(Number(done.stdout) >= 5_000_000, done.stderr);
});

// runc 1.1 has no netDevices; 1.4 has.
test('netDevices: moved and renamed with its address, gone with the container', options, (t) => {
  const device = `dt${process.pid}`;
  const bundle = makeBundle(t, {
    args: ['sh', '-c', 'ip -o addr show dev inside; ls /sys/class/net'],
    spec: (spec) => {
      spec.linux.netDevices = { [device]: { name: 'inside' } };
    },
  });
  const ip = (...args: string[]) => bundle.command('ip', ...args);
  const made = ip('link', 'add', device, 'type', 'veth', 'peer', 'name', `${device}p`);
  if (made.status !== 0) return t.skip(`no veth devices: ${made.stderr}`);
  t.after(() => ip('link', 'del', device));
  ip('addr', 'add', '10.99.7.1/24', 'dev', device);
  const done = bundle.run();
  assert.match(done.stdout, /inside\s+inet 10\.99\.7\.1\/24/, done.stderr);
});

test("a failing mount has runc's exit status", options, (t) => {
  const statuses = (['davit', 'runc'] as RuntimeName[]).map((runtime) => {
    const bundle = makeBundle(t, {
      runtime,
      spec: (spec) => spec.mounts.push({ destination: '/mnt', type: 'nonesuch', source: 'x' }),
    });
    return bundle.run().status;
  });
  assert.equal(statuses[0], statuses[1]);
});
