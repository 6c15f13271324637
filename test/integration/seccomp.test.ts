import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Seccomp } from '../../src/config/types.ts';
import { makeBundle, needsRoot, type TestSpec } from '../support/bundle.ts';
import { callProgram } from '../support/call-programs.ts';
import { sameView } from '../support/look.ts';

const options = { skip: needsRoot };

const withSeccomp = (seccomp: Seccomp, noNewPrivileges: boolean) => (spec: TestSpec) => {
  spec.linux.seccomp = { architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'], ...seccomp };
  spec.process.noNewPrivileges = noNewPrivileges;
};

for (const noNewPrivileges of [true, false]) {
  const how = noNewPrivileges ? 'with' : 'without';
  test(`a denied system call, ${how} noNewPrivileges`, options, (t) => {
    const seen = sameView(
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

test('errnoRet', options, (t) => {
  const seen = sameView(
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

test('a condition on an argument', options, (t) => {
  const seen = sameView(
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
  const seen = sameView(
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

test('a system call newer than the profile is ENOSYS, an older one what the profile says', {
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
          // Whatever the runtime's own last steps take.
          syscalls: [{ names: [...names, ...RUNTIME_CALLS.split(' ')], action: 'SCMP_ACT_ALLOW' }],
        };
      });
      const { status, stderr } = bundle.run();
      assert.equal(status, errno, `${runtime}: ${stderr}`);
    }
  }
});

/** What runc (a Go program) uses between its filter and the program. */
const RUNTIME_CALLS =
  'capget capset chdir clone epoll_ctl epoll_pwait fcntl fchdir getcwd getdents64 getpid getppid gettid ' +
  'getuid lseek madvise mmap munmap mprotect nanosleep newfstatat rt_sigaction rt_sigprocmask ' +
  'rt_sigreturn sched_yield setgid setgroups setuid sigaltstack stat statfs tgkill umask readlinkat ' +
  'faccessat faccessat2 getegid geteuid getgid';
