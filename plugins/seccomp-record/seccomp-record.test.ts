import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Seccomp } from 'davit/plugin';
import { makeBundle, needsRoot, type TestSpec } from '../../test/support/bundle.ts';
import { makeUser, needsUser, type User } from '../../test/support/host/user.ts';
import plugin from './index.ts';

const options = { skip: needsRoot };

function recording(t: TestContext, given: object = {}, user?: User) {
  const bundle = makeBundle(t, { user });
  const output = join(bundle.dir, 'profile-{id}.json');
  const path = output.replace('{id}', bundle.id);
  const config = join(bundle.dir, 'davit.json');
  const file = join(import.meta.dirname, 'index.ts');
  const entry = { plugin: file, options: { output, ...given } };
  writeFileSync(config, JSON.stringify({ plugins: [entry] }));
  const configure = (script: string, change?: (spec: TestSpec) => void) =>
    bundle.configure((spec) => {
      spec.process.args = ['sh', '-c', script];
      spec.process.noNewPrivileges = true;
      change?.(spec);
    });
  return {
    bundle,
    path,
    configure,
    command: (...args: string[]) => bundle.runtimeWith({ env: { DAVIT_CONFIG: config } }, ...args),
    profile: (): Seccomp => JSON.parse(readFileSync(path, 'utf8')),
    /** Runs a script and records its system calls. */
    record(script: string, change?: (spec: TestSpec) => void) {
      configure(script, change);
      const env = { DAVIT_CONFIG: config };
      return bundle.runtimeWith({ env }, 'run', '--bundle', bundle.dir, bundle.id);
    },
    /** Runs a script under the recorded profile. */
    confined(script: string, change?: (spec: TestSpec) => void) {
      configure(script, (spec) => {
        change?.(spec);
        spec.linux.seccomp = JSON.parse(readFileSync(path, 'utf8'));
      });
      return bundle.run();
    },
  };
}

const namesOf = ({ syscalls = [] }: Seccomp): string[] => syscalls.flatMap(({ names }) => names);

const SCRIPT = 'mkdir /dev/shm/d && cat /etc/passwd | head -n 1 && rmdir /dev/shm/d';

test('under its profile a program works as recorded, and nothing else works', options, (t) => {
  const { record, confined, profile } = recording(t);
  const recorded = record(SCRIPT);
  assert.deepEqual(recorded, { ...recorded, status: 0, stderr: '' });
  const again = confined(SCRIPT);
  assert.deepEqual(again, recorded);
  const other = confined('ln -s a /dev/shm/l');
  assert.match(other.stderr, /\/dev\/shm\/l: Operation not permitted/);
  assert.notEqual(other.status, 0);
  const names = namesOf(profile());
  assert.ok(names.includes('execve') && names.includes('write'), names.join());
  assert.ok(!names.includes('recvfrom') && !names.includes('symlink'), names.join());
});

test(
  "also without noNewPrivileges, where the runtime's last calls run under the filter",
  options,
  (t) => {
    const { record, confined } = recording(t);
    const without = (spec: TestSpec) => {
      spec.process.noNewPrivileges = false;
    };
    assert.equal(record(SCRIPT, without).status, 0);
    const { status, stderr } = confined(SCRIPT, without);
    assert.equal(status, 0, stderr);
    assert.match(confined('ln -s a /dev/shm/l', without).stderr, /Operation not permitted/);
  },
);

test('what config.json’s profile refuses stays refused; its conditions stay', options, (t) => {
  const { record, profile } = recording(t);
  const script = 'mkdir /dev/shm/d; kill -CONT $$';
  assert.equal(record(script).status, 0);
  const names = namesOf(profile()).filter((name) => !/^mkdir|^kill$|^recv/.test(name));
  const args = [{ index: 1, value: 18, op: 'SCMP_CMP_EQ' } as const];
  const kill = { names: ['kill'], action: 'SCMP_ACT_ALLOW', args } as const;
  const { status, stderr } = record(script, (spec) => {
    const syscalls = [{ names: [...names, 'reboot'], action: 'SCMP_ACT_ALLOW' }, kill];
    spec.linux.seccomp = { ...profile(), defaultErrnoRet: 28, syscalls } as Seccomp;
  });
  assert.match(stderr, /No space left on device/);
  assert.equal(status, 0);
  assert.equal(profile().defaultErrnoRet, 28);
  assert.deepEqual(profile().syscalls?.[1], kill);
  const more = namesOf(profile()).filter((name) => ![...names, 'kill'].includes(name));
  assert.deepEqual(more, []);
  assert.ok(!namesOf(profile()).includes('reboot'));
});

test('davit exec is recorded, and merge adds to the existing profile', options, (t) => {
  const { bundle, command, configure, confined, profile, record } = recording(t, { merge: true });
  assert.equal(record('mkdir /dev/shm/d; true').status, 0);
  const first = namesOf(profile());
  configure('exec sleep 1000');
  const { stderr } = command('run', '--detach', '--bundle', bundle.dir, bundle.id);
  assert.equal(stderr, '');
  assert.equal(command('exec', bundle.id, 'ln', '-s', 'a', '/dev/shm/l').status, 0);
  assert.equal(command('delete', '--force', bundle.id).stderr, '');
  const names = namesOf(profile());
  assert.ok(first.includes('mkdir') && first.every((name) => names.includes(name)), names.join());
  assert.ok(names.includes('symlink') || names.includes('symlinkat'), names.join());
  assert.ok(names.some((name) => /nanosleep/.test(name)));
  assert.equal(confined('mkdir /dev/shm/d && ln -s a /dev/shm/l').status, 0);
});

test('system calls in include are allowed without having been recorded', options, (t) => {
  const { record, confined } = recording(t, { include: ['symlink', 'symlinkat'] });
  assert.equal(record('ls / >/dev/null; ln 2>/dev/null; true').status, 0);
  assert.equal(confined('ln -s a /dev/shm/l').stderr, '');
});

test('create with start is recorded, create without start is not', options, (t) => {
  const { bundle, command, configure, path, profile } = recording(t);
  configure('mkdir /dev/shm/d');
  assert.equal(command('create', '--bundle', bundle.dir, bundle.id).stderr, '');
  assert.equal(command('delete', '--force', bundle.id).stderr, '');
  assert.ok(!existsSync(path));
  assert.equal(command('create', '--bundle', bundle.dir, bundle.id).stderr, '');
  assert.equal(command('start', bundle.id).stderr, '');
  assert.equal(command('delete', '--force', bundle.id).stderr, '');
  assert.ok(namesOf(profile()).includes('execve'));
});

test('a create that fails leaves no recorder and no profile', options, (t) => {
  const { bundle, record, path } = recording(t);
  const { status, stderr } = record('true', (spec) => {
    spec.mounts.push({ destination: '/x', type: 'bind', source: '/no/such', options: ['bind'] });
  });
  assert.equal(status, 1);
  assert.match(stderr, /\/no\/such/);
  bundle.expectNothingLeft();
  assert.ok(!existsSync(path));
});

test('if the directory of the profile does not exist, no container is made', options, (t) => {
  const { bundle, record } = recording(t, { output: '/no/such/{id}.json' });
  const { status, stderr } = record('true');
  assert.match(
    stderr,
    /plugin seccomp-record: adjust: output: \/no\/such: .*no such file or directory/,
  );
  assert.equal(status, 1);
  bundle.expectNothingLeft();
});

test('a profile that cannot be written gives a warning, not an error', options, (t) => {
  const { bundle, record, path } = recording(t);
  mkdirSync(path);
  const { status, stderr } = record('true');
  assert.match(stderr, /plugin seccomp-record: no profile: EISDIR/);
  assert.equal(status, 0);
  bundle.expectNothingLeft();
});

test('containers that were created without the plugin can be deleted with it', options, (t) => {
  const { bundle, command, configure } = recording(t);
  configure('true', (spec) => {
    spec.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', listenerPath: '/tmp/agent' };
  });
  assert.equal(bundle.create().stderr, '');
  assert.equal(command('delete', '--force', bundle.id).stderr, '');
});

test('an ordinary user records a container', { skip: needsUser }, (t) => {
  const { record, confined, profile } = recording(t, {}, makeUser(t));
  const recorded = record(SCRIPT);
  assert.deepEqual(recorded, { ...recorded, status: 0, stderr: '' });
  assert.ok(namesOf(profile()).includes('execve'));
  assert.deepEqual(confined(SCRIPT), recorded);
  assert.match(confined('ln -s a /dev/shm/l').stderr, /Operation not permitted/);
});

test('an unknown or invalid option is refused', () => {
  for (const [given, expected] of [
    [{ output: 'x' }, /^Error: output: expected an absolute path/],
    [{ file: '/x' }, /^Error: file: expected output, merge or include/],
    [{ output: '/x', merge: 1 }, /^Error: merge: expected true or false/],
    [{ output: '/x', include: 'read' }, /^Error: include: expected a list of system calls/],
  ] as const) {
    assert.throws(() => plugin.options!(given, { stages: [] }), expected);
  }
});
