import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Bundle, makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { DAVIT } from '../../support/command.ts';
import { embed } from '../../support/embed.ts';
import {
  type CallName,
  type Errno,
  writeRefuser,
} from '../../support/system-calls/refuse-calls.ts';
import { attempt, COMMANDS, type Command } from './commands.ts';
import { ALL_AT_ONCE, OLDEST_KERNEL, type Refusal } from './refusals.ts';

/* A sample of what `npm run test:refused` tries. */

const skip = needsRoot || (process.arch !== 'x64' && 'the filter is of x86-64');

const sample: [call: CallName, errno: Errno, ...commands: Command[]][] = [
  ['openat2', 'EPERM', 'run'],
  ['clone3', 'ENOSYS', 'run', 'exec'],
  ['open_tree', 'EPERM', 'run'],
  ['move_mount', 'ENOSYS', 'run'],
  ['fsopen', 'EPERM', 'run'],
  ['mount_setattr', 'EPERM', 'run'],
  ['memfd_create', 'ENOSYS', 'run', 'exec'],
  ['faccessat2', 'EPERM', 'run'],
  ['execveat', 'EPERM', 'create + start'],
  ['keyctl', 'EPERM', 'run'],
  ['pidfd_open', 'ENOSYS', 'kill'],
  ['pidfd_send_signal', 'EPERM', 'delete --force'],
];

const refuserOf = (bundle: Bundle, { calls }: Refusal, errno: Errno): string =>
  writeRefuser(join(bundle.dir, `refuser-${errno}`), calls, errno);

function expectOk(t: TestContext, refusal: Refusal, errno: Errno, commands: readonly Command[]) {
  const bundle = makeBundle(t);
  const refuser = refuserOf(bundle, refusal, errno);
  for (const command of commands) assert.equal(attempt(bundle, refuser, command), 'ok', command);
}

for (const [name, errno, ...commands] of sample) {
  test(`${name} refused with ${errno}: ${commands.join(', ')}`, { skip }, (t) => {
    expectOk(t, { name, calls: [{ name }] }, errno, commands);
  });
}

for (const refusal of [OLDEST_KERNEL, ...ALL_AT_ONCE]) {
  const [errno] = refusal.errnos!;
  test(`${refusal.name}, refused with ${errno}`, { skip }, (t) => {
    expectOk(t, refusal, errno!, COMMANDS);
  });
}

function mountAll(spec: TestSpec, bundle: Bundle): void {
  const below = join(bundle.dir, 'below');
  spec.process.args = ['sh', '-c', SEE];
  spec.root.readonly = true;
  spec.mounts.push(
    { destination: '/mnt', type: 'bind', source: below, options: ['rbind', 'rro', 'nosuid'] },
    { destination: '/tmp', type: 'tmpfs', options: ['ro', 'noexec', 'size=64k'] },
    { destination: '/etc', type: 'tmpfs', options: ['tmpcopyup', 'nodev'] },
    { destination: '/file', type: 'bind', source: '/etc/hostname', options: ['bind', 'ro'] },
  );
  spec.hooks = { createContainer: [{ path: '/bin/sh', args: ['sh', '-c', 'true'], timeout: 60 }] };
}

/**
 * Prints the mounts without what differs between containers, the files in /etc, and whether masks
 * hide files.
 */
const SEE = `sed -E 's/^[0-9]+ [0-9]+ [0-9:]+ //; s/dt-[^ ,]*//g' /proc/self/mountinfo
cat /etc/passwd; ls -A /sys/firmware; cat /proc/kcore 2>&1; touch /mnt/sub/x /x /proc/sys/x 2>&1; ls -l /dev | cut -c1-10,40-`;

const inUserNamespace = (spec: TestSpec): void => {
  spec.linux.namespaces.push({ type: 'user' });
  spec.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 1000 }];
  spec.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 1000 }];
  // Root of this user namespace may not change the owner of the copied files.
  spec.mounts = spec.mounts.filter(({ options }) => !options?.includes('tmpcopyup'));
};

for (const [how, change] of [
  ['as root', () => {}],
  ['in a user namespace', inUserNamespace],
] as const) {
  test(`a container looks the same under all refusals together, ${how}`, { skip }, (t) => {
    const bundle = makeBundle(t);
    mkdirSync(join(bundle.dir, 'below/sub'), { recursive: true });
    bundle.write('file', '');
    bundle.configure((spec) => {
      mountAll(spec, bundle);
      change(spec);
    });
    const { status, stdout, stderr } = bundle.run();
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    for (const refusal of ALL_AT_ONCE) {
      const [errno] = refusal.errnos!;
      const refuser = refuserOf(bundle, refusal, errno!);
      const args = ['--root', bundle.root, 'run', '--bundle', bundle.dir, bundle.id];
      const refused = bundle.command(refuser, DAVIT, ...args);
      assert.equal(refused.stderr, '');
      assert.equal(refused.stdout, stdout);
    }
  });
}

test('an embedding program works without pidfd_open', { skip }, (t) => {
  const bundle = makeBundle(t, { args: ['sh', '-c', 'sleep 0.1; exit 3'] });
  const refuser = refuserOf(bundle, { name: '', calls: [{ name: 'pidfd_open' }] }, 'EPERM');
  const program = embed(
    `const launch = { id: '${bundle.id}', bundle: '${bundle.dir}' };
     const container = await davit.create(launch);
     await container.start();
     const { exitCode: status } = await container.wait();
     await container.delete();
     fs.writeSync(1, status + ' ' + (await davit.run(launch)).exitCode);`,
    bundle.root,
  );
  const { stdout, stderr } = bundle.command(refuser, process.execPath, ...program);
  assert.deepEqual([stdout, stderr], ['3 3', '']);
  bundle.expectNothingLeft();
});
