import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addUserNamespace } from '../../support/attacker.ts';
import { makeBundle, type TestSpec } from '../../support/bundle.ts';
import { loadProfile } from '../../support/host/apparmor.ts';
import { runScript, sameOutput, scriptOutput } from '../../support/run-script.ts';

/** Actions in a container. All succeed when unconfined, none with the profile. */
const TRIES = `
  cat /proc/self/attr/current
  cat /etc/group 2>&1
  echo x 2>&1 > /tmp/file || true
  mount -t tmpfs tmpfs /mnt 2>&1
  true
`;

const confined =
  (profile: string, change: (spec: TestSpec) => void = () => {}) =>
  (spec: TestSpec): void => {
    spec.process.apparmorProfile = profile;
    spec.root.readonly = false;
    change(spec);
  };

const withMountRights = ({ process }: TestSpec): void => {
  for (const set of ['bounding', 'effective', 'permitted'] as const) {
    process.capabilities![set] = [...process.capabilities![set]!, 'CAP_SYS_ADMIN'];
  }
};

const seenUnder = (profile: string): string =>
  [
    `${profile} (enforce)`,
    "cat: can't open '/etc/group': Permission denied",
    "/bin/sh: can't create /tmp/file: Permission denied",
    'mount: mounting tmpfs on /mnt failed: Permission denied',
  ].join('\n');

test('the program is confined by its profile, as under runc', (t) => {
  assert.match(
    scriptOutput(t, TRIES, { spec: confined('', withMountRights) }),
    /^unconfined\n.*root:x/s,
  );
  const profile = loadProfile(t, 'run');
  const spec = confined(profile, withMountRights);
  assert.equal(sameOutput(t, TRIES, spec), seenUnder(profile));
});

test('also with noNewPrivileges, as another user, in a user namespace', (t) => {
  const profile = loadProfile(t, 'bounded');
  const spec = confined(profile, (config) => {
    config.process.noNewPrivileges = true;
    config.process.user = { uid: 1000, gid: 1000 };
    addUserNamespace(config);
    config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW' };
  });
  const script = 'cat /proc/self/attr/current /etc/group 2>&1; grep NoNewPrivs /proc/self/status';
  assert.match(sameOutput(t, script, spec), /-bounded \(enforce\)\ncat: .*denied\nNoNewPrivs:\s1$/);
});

test("exec has the container's profile, or the one that it names", (t) => {
  const [ofContainer, ofExec] = [loadProfile(t, 'container'), loadProfile(t, 'exec')];
  const bundle = makeBundle(t, { args: ['sleep', '1000'], spec: confined(ofContainer) });
  bundle.runDetached();
  const current = (...flags: string[]) =>
    bundle.runtime('exec', ...flags, bundle.id, 'cat', '/proc/self/attr/current');
  assert.equal(current().stdout, `${ofContainer} (enforce)\n`);
  assert.equal(current('--apparmor', ofExec).stdout, `${ofExec} (enforce)\n`);
  const { status, stderr } = current('--apparmor', 'no-such-profile');
  assert.equal(status, 255);
  assert.match(
    stderr,
    /process\.apparmorProfile: .*no-such-profile.*ENOENT.*\(hint: no profile of this name/s,
  );
});

test('create refuses a profile that is not loaded, and leaves nothing', (t) => {
  const bundle = makeBundle(t, { spec: confined('no-such-profile') });
  const { status, stderr } = bundle.create();
  assert.equal(status, 1);
  assert.match(stderr, /setProcessLabels: process\.apparmorProfile: .*no-such-profile.*ENOENT/);
  assert.match(stderr, /\(hint: no profile of this name is loaded: load it with apparmor_parser/);
  bundle.expectNothingLeft();
  const theirs = runScript(t, 'true', { spec: confined('no-such-profile'), runtime: 'runc' });
  assert.notEqual(theirs.status, 0);
});
