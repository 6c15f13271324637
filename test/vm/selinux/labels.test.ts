import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addUserNamespace } from '../../support/attacker.ts';
import { makeBundle, type RuntimeName, type TestSpec } from '../../support/bundle.ts';
import { runCommand } from '../../support/command.ts';
import { sameOutput, scriptOutput } from '../../support/run-script.ts';

// Debian's policy has no container_t.
const PROCESS = 'system_u:system_r:unconfined_t:s0:c4,c5';
const OTHER = 'system_u:system_r:httpd_t:s0:c6';
const FILES = 'system_u:object_r:tmp_t:s0:c4,c5';

const CURRENT = 'tr -d "\\0" < /proc/self/attr/current; echo';

function labelled({ process, linux }: TestSpec): void {
  process.selinuxLabel = PROCESS;
  linux.mountLabel = FILES;
}

test('the program runs with its label, as under runc', (t) => {
  assert.notEqual(scriptOutput(t, CURRENT), PROCESS);
  assert.equal(sameOutput(t, CURRENT, labelled), PROCESS);
});

test('also with noNewPrivileges, as another user, in a user namespace, under a filter', (t) => {
  const spec = (config: TestSpec): void => {
    labelled(config);
    config.process.noNewPrivileges = true;
    config.process.user = { uid: 1000, gid: 1000 };
    addUserNamespace(config);
    config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW' };
  };
  assert.equal(sameOutput(t, CURRENT, spec), PROCESS);
});

test('mounts get mountLabel, except file systems that the policy labels', (t) => {
  const script = `awk -F'[ "]' '{ print $5, /context=/ ? $(NF - 1) : "-" }' /proc/self/mountinfo`;
  const seen = sameOutput(t, script, labelled);
  for (const path of ['/dev', '/dev/pts', '/dev/shm']) {
    assert.match(seen, new RegExp(`^${path} ${FILES}$`, 'm'), seen);
  }
  for (const path of ['/proc', '/sys']) assert.match(seen, new RegExp(`^${path} -$`, 'm'), seen);
});

test('crun’s annotation selects the option: with rootcontext, files have their own labels', (t) => {
  const spec = (config: TestSpec): void => {
    labelled(config);
    config.annotations = { 'run.oci.mount_context_type': 'rootcontext' };
  };
  const script = `grep -c ' /dev rw.*,rootcontext=' /proc/self/mountinfo`;
  assert.equal(scriptOutput(t, script, { spec }), '1');
});

/** The labels of a container's message queues and session keyring, as the host sees them. */
function labelsOutside(t: Parameters<typeof scriptOutput>[0], runtime: RuntimeName) {
  const spec = (config: TestSpec): void => {
    labelled(config);
    config.linux.maskedPaths = [];
  };
  const bundle = makeBundle(t, { args: ['sleep', '1000'], spec, runtime });
  bundle.runDetached();
  const queues = runCommand('stat', ['-c', '%C', `/proc/${bundle.state().pid}/root/dev/mqueue`]);
  const keys = bundle.exec('grep', `_ses.${bundle.id}`, '/proc/keys').stdout;
  const keyring = runCommand('keyctl', ['security', `0x${keys.slice(0, 8)}`]);
  return [queues.stdout.trim(), keyring.stdout.trim() || keyring.stderr];
}

test('message queues and the session keyring are labelled', (t) => {
  assert.deepEqual(labelsOutside(t, 'davit'), [FILES, PROCESS]);
  assert.deepEqual(labelsOutside(t, 'runc'), [FILES, PROCESS]);
});

test("exec has the container's label, or the one that it names", (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'], spec: labelled });
  bundle.runDetached();
  const current = (...flags: string[]) =>
    bundle.runtime('exec', ...flags, bundle.id, 'sh', '-c', CURRENT);
  assert.equal(current().stdout, `${PROCESS}\n`);
  assert.equal(current('--process-label', OTHER).stdout, `${OTHER}\n`);
  const { status, stderr } = current('--process-label', 'no:such:label:s0');
  assert.equal(status, 255);
  assert.match(
    stderr,
    /process\.selinuxLabel: .*no:such:label:s0.*EINVAL.*\(hint: the SELinux policy of the host/s,
  );
});

test('create refuses a label that the policy lacks, and leaves nothing', (t) => {
  const refused = (change: (spec: TestSpec) => void, flags: string[], message: RegExp) => {
    const bundle = makeBundle(t, { spec: change });
    const { status, stderr } = bundle.create(...flags);
    assert.equal(status, 1);
    assert.match(stderr, message);
    bundle.expectNothingLeft();
  };
  const wrong = ({ process }: TestSpec): void => {
    process.selinuxLabel = 'no:such:label:s0';
  };
  refused(wrong, [], /joinSessionKeyring: process\.selinuxLabel: .*no:such:label:s0.*EINVAL/);
  refused(wrong, ['--no-new-keyring'], /setProcessLabels: process\.selinuxLabel: .*EINVAL/);
  refused(
    ({ linux }) => {
      linux.mountLabel = 'no:such:label:s0';
    },
    [],
    /mounts\[\d\]: mount tmpfs on \/dev .*EINVAL/,
  );
});
