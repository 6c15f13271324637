import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Capabilities, Seccomp } from '../../../src/config/types.ts';
import { makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { sameOutput, scriptOutput } from '../../support/run-script.ts';
import { callProgram } from '../../support/system-calls/call-programs.ts';

const options = { skip: needsRoot };

const withSeccomp = (seccomp: Seccomp, noNewPrivileges: boolean) => (spec: TestSpec) => {
  spec.linux.seccomp = { architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'], ...seccomp };
  spec.process.noNewPrivileges = noNewPrivileges;
};

for (const noNewPrivileges of [true, false]) {
  const how = noNewPrivileges ? 'with' : 'without';
  test(`a denied system call, ${how} noNewPrivileges`, options, (t) => {
    const seen = sameOutput(
      t,
      'mkdir /dev/shm/d 2>&1; grep -E "^(Seccomp|NoNewPrivs):" /proc/self/status',
      withSeccomp(
        {
          defaultAction: 'SCMP_ACT_ALLOW',
          syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }],
        },
        noNewPrivileges,
      ),
    );
    assert.match(seen, /Operation not permitted\nNoNewPrivs:\t\d\nSeccomp:\t2$/);
  });
}

test(
  'without noNewPrivileges, a user has the same capabilities with a filter as without one',
  options,
  (t) => {
    const CAPABILITIES = ['CAP_KILL', 'CAP_SYS_ADMIN'];
    const sets: Capabilities[] = [
      { bounding: CAPABILITIES, permitted: CAPABILITIES, effective: CAPABILITIES },
      { bounding: CAPABILITIES, permitted: CAPABILITIES, inheritable: CAPABILITIES },
      { permitted: CAPABILITIES, inheritable: CAPABILITIES, ambient: ['CAP_KILL'] },
      { inheritable: CAPABILITIES, permitted: CAPABILITIES, ambient: CAPABILITIES },
      { permitted: ['CAP_KILL'], effective: ['CAP_KILL'], ambient: ['CAP_SYS_ADMIN'] },
    ];
    for (const capabilities of [...sets, undefined]) {
      for (const uid of [0, 1000]) {
        const [without, under] = [false, true].map((filtered) =>
          scriptOutput(t, 'grep -E "^(Cap|Uid|Groups)" /proc/self/status', {
            spec: (spec) => {
              if (filtered) withSeccomp({ defaultAction: 'SCMP_ACT_ALLOW' }, false)(spec);
              spec.process.noNewPrivileges = false;
              spec.process.user = { uid, gid: uid, additionalGids: [7] };
              if (capabilities) spec.process.capabilities = capabilities;
              else delete spec.process.capabilities;
            },
          }),
        );
        assert.equal(under, without, JSON.stringify({ capabilities, uid }));
      }
    }
  },
);

test('errnoRet', options, (t) => {
  const seen = sameOutput(
    t,
    'mkdir /dev/shm/d 2>&1; true',
    withSeccomp(
      {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 28 }],
      },
      true,
    ),
  );
  assert.match(seen, /No space left on device/);
});

test('a rule with a condition on an argument', options, (t) => {
  const seen = sameOutput(
    t,
    'kill -CONT $$ && echo continued; kill -USR1 1000000 2>&1; true',
    withSeccomp(
      {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [
          {
            names: ['kill'],
            action: 'SCMP_ACT_ERRNO',
            errnoRet: 95,
            args: [{ index: 1, value: 10, op: 'SCMP_CMP_EQ' }],
          },
        ],
      },
      true,
    ),
  );
  assert.match(seen, /^continued\n.*not supported/);
});

test('SCMP_ACT_KILL_PROCESS kills', options, (t) => {
  const seen = sameOutput(
    t,
    'mkdir /dev/shm/d; echo $?',
    withSeccomp(
      {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_KILL_PROCESS' }],
      },
      true,
    ),
  );
  assert.match(seen, /159$/);
});

test('a system call newer than the profile gets ENOSYS, an older one the default action', {
  skip: needsRoot || (process.arch !== 'x64' && 'has x86-64 machine code'),
}, (t) => {
  const names = 'execve exit exit_group write close fstatfs openat read fstat futex prctl'.split(
    ' ',
  );
  for (const [call, errno] of [
    [1000, 38],
    // mkdir
    [83, 1],
  ] as const) {
    for (const runtime of ['davit', 'runc'] as const) {
      const bundle = makeBundle(t, { runtime, args: ['/bin/call'] });
      bundle.write('bin/call', '', 0o755);
      writeFileSync(join(bundle.rootfs, 'bin/call'), callProgram(call));
      bundle.configure((spec) => {
        spec.process.args = ['/bin/call'];
        spec.linux.seccomp = {
          defaultAction: 'SCMP_ACT_ERRNO',
          architectures: ['SCMP_ARCH_X86_64'],
          // Calls of the runtime's own last steps.
          syscalls: [{ names: [...names, ...RUNTIME_CALLS.split(' ')], action: 'SCMP_ACT_ALLOW' }],
        };
      });
      const { status, stderr } = bundle.run();
      assert.equal(status, errno, `${runtime}: ${stderr}`);
    }
  }
});

/** Calls of runc (a Go program) after it installed the filter. */
const RUNTIME_CALLS =
  'capget capset chdir clone epoll_ctl epoll_pwait fcntl fchdir getcwd getdents64 getpid getppid gettid ' +
  'getuid lseek madvise mmap munmap mprotect nanosleep newfstatat rt_sigaction rt_sigprocmask ' +
  'rt_sigreturn sched_yield setgid setgroups setuid sigaltstack stat statfs tgkill umask readlinkat ' +
  'faccessat faccessat2 getegid geteuid getgid';

test('the runtime needs only capset, read, write and execve after it installed the filter', {
  skip: needsRoot || (process.arch !== 'x64' && 'has x86-64 machine code'),
}, (t) => {
  const allowed = ['capset', 'read', 'write', 'execve', 'exit'];
  const bundle = makeBundle(t);
  // The program exits with the call's errno, or with 0 if the filter allows the call.
  bundle.write('bin/call', '', 0o755);
  writeFileSync(join(bundle.rootfs, 'bin/call'), callProgram(CAPGET));
  for (const uid of [0, 1000]) {
    bundle.configure((spec) => {
      withSeccomp(
        {
          defaultAction: 'SCMP_ACT_ERRNO',
          defaultErrnoRet: 5,
          syscalls: [{ names: allowed, action: 'SCMP_ACT_ALLOW' }],
        },
        false,
      )(spec);
      spec.process.args = ['/bin/call'];
      spec.process.user = { uid, gid: uid, additionalGids: [7] };
      spec.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 3, hard: 3 }];
    });
    const { status, stderr } = bundle.run();
    assert.deepEqual({ status, stderr }, { status: 5, stderr: '' });
    const created = bundle.create();
    assert.deepEqual(created, { status: 0, signal: null, stdout: '', stderr: '' });
    const joined = bundle.exec('/bin/call');
    assert.deepEqual(joined, { status: 5, signal: null, stdout: '', stderr: '' });
    const started = bundle.start();
    assert.deepEqual(started, { status: 0, signal: null, stdout: '', stderr: '' });
    bundle.runtime('delete', '--force', bundle.id);
  }
});

const CAPGET = 125;

test('a filter that refuses read, with which init waits for start', options, (t) => {
  const denied: Seccomp = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['read'], action: 'SCMP_ACT_ERRNO' }],
  };
  const bundle = makeBundle(t, { spec: withSeccomp(denied, false) });
  const ended = /container init ended unexpectedly.*the filter must allow execve, and read/;
  assert.match(bundle.run().stderr, ended);
  assert.equal(bundle.create().status, 0);
  assert.match(bundle.start().stderr, /container init ended unexpectedly|has stopped/);
});
