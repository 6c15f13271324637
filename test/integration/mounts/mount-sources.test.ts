import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addUserNamespace, giveCapabilities } from '../../support/attacker.ts';
import { type Bundle, makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { runCommand } from '../../support/command.ts';

const options = { skip: needsRoot };

/*
 * Bind sources that init cannot open itself: idmapped mounts, and sources that a user namespace's
 * root cannot reach.
 */

/** A bundle with a directory of the host, read-only and reachable for root only, to be mounted. */
function withHidden(t: TestContext, change: (spec: TestSpec, hidden: string) => void): Bundle {
  // Runs before the bundle is removed.
  let hidden = '';
  t.after(() => runCommand('umount', [hidden]));
  const bundle = makeBundle(t);
  hidden = join(bundle.dir, 'closed/hidden');
  mkdirSync(hidden, { recursive: true });
  chmodSync(join(bundle.dir, 'closed'), 0o700);
  const mount = (...args: string[]) =>
    assert.equal(bundle.command(...(args as [string])).status, 0);
  mount('mount', '-t', 'tmpfs', '-o', 'mode=755', 'hidden', hidden);
  writeFileSync(join(hidden, 'file'), 'found\n');
  mount('mount', '-o', 'remount,bind,ro,nosuid', hidden);
  bundle.configure((spec) => {
    spec.root.readonly = false;
    change(spec, hidden);
  });
  return bundle;
}

test('a source in a closed directory is mounted, with the host’s flags locked', options, (t) => {
  const bundle = withHidden(t, (spec, source) => {
    addUserNamespace(spec);
    giveCapabilities(spec);
    const look = 'cat /mnt/file; grep " /mnt " /proc/self/mountinfo';
    const unlock = 'mount -o remount,bind,rw /mnt || mount -o remount,bind,suid,ro /mnt';
    spec.process.args = ['sh', '-c', `${look} | cut -d" " -f1,6; ${unlock} || echo locked`];
    spec.mounts.push({ destination: '/mnt', source, options: ['bind'] });
  });
  const { stdout, stderr } = bundle.run();
  assert.match(stdout, /^found\n\d+ ro,nosuid,relatime\nlocked\n$/, stderr);
});

test('a missing source, or locked flags: the error names the mount', options, (t) => {
  const bundle = withHidden(t, (spec, source) => {
    addUserNamespace(spec);
    spec.mounts.push({ destination: '/mnt', source: `${source}/absent`, options: ['bind'] });
  });
  assert.match(
    bundle.run().stderr,
    /: mounts: mounts\[\d\]: mount \S+absent on \S+ \(MS_BIND\): ENOENT/,
  );
  bundle.configure((spec) => {
    addUserNamespace(spec);
    const source = join(bundle.dir, 'closed/hidden');
    spec.mounts.push({ destination: '/mnt', source, options: ['bind', 'rw'] });
  });
  assert.match(bundle.run().stderr, /: mounts\[\d\]: cannot clear locked flags MS_RDONLY/);
});

for (const userNamespace of [false, true]) {
  const name = userNamespace ? ', in a user namespace' : '';
  test(`an idmapped mount whose source is in an earlier mount${name}`, options, (t) => {
    const bundle = makeBundle(t);
    const source = join(bundle.dir, 'source');
    mkdirSync(join(source, 'b'), { recursive: true });
    writeFileSync(join(source, 'b/file'), 'deep\n');
    for (const directory of ['mnt/x', 'final'])
      mkdirSync(join(bundle.rootfs, directory), { recursive: true });
    const ids = [{ containerID: 0, hostID: 3000, size: 1000 }];
    const idmap = { options: ['rbind', 'idmap'], uidMappings: ids, gidMappings: ids };
    bundle.configure((spec) => {
      if (userNamespace) addUserNamespace(spec);
      spec.process.args = ['sh', '-c', 'cat /final/b/file; stat -c %u /mnt/x/b/file /final/b/file'];
      spec.mounts.push({ destination: '/mnt/x', source, options: ['rbind'] });
      spec.mounts.push({ destination: '/final', source: join(bundle.rootfs, 'mnt/x'), ...idmap });
    });
    const { stdout, stderr } = bundle.run();
    assert.equal(stdout, userNamespace ? 'deep\n65534\n65534\n' : 'deep\n0\n3000\n', stderr);
  });
}
