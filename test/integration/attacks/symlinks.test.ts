import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Bundle, makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import type { Result } from '../../support/command.ts';
import { ConsoleReceiver } from '../../support/terminal.ts';

const options = { skip: needsRoot };

/*
 * The rootfs contains symlinks that lead out of it or into /proc. davit must mount, make and mask
 * only inside the rootfs, and only where config.json says.
 */

interface Attacked {
  bundle: Bundle;
  /** A directory of the host beside the rootfs. davit must put nothing into it. */
  treasure: string;
}

function attack(t: TestContext, spec: (config: TestSpec, attacked: Attacked) => void): Attacked {
  const bundle = makeBundle(t);
  const treasure = join(bundle.dir, 'treasure');
  mkdirSync(treasure);
  const attacked = { bundle, treasure };
  bundle.configure((config) => {
    config.process.args = ['true'];
    config.root.readonly = false;
    spec(config, attacked);
  });
  return attacked;
}

/** Replaces a directory of the rootfs by a symlink. */
function replace(bundle: Bundle, path: string, target: string): void {
  rmSync(join(bundle.rootfs, path), { recursive: true, force: true });
  symlinkSync(target, join(bundle.rootfs, path));
}

function assertRefused({ status, stderr }: Result, reason: RegExp): void {
  assert.notEqual(status, 0);
  assert.match(stderr, reason);
}

test('refused: the rootfs is a symlink', options, (t) => {
  const { bundle } = attack(t, () => {});
  for (const target of ['/', 'treasure', '../']) {
    replace(bundle, '', target);
    assertRefused(bundle.run(), /root\.path: .*a symbolic link leads to/);
  }
});

const tmpfsOn = (destination: string): TestSpec['mounts'][number] => ({
  destination,
  type: 'tmpfs',
  source: 'attack',
});

// CVE-2019-19921, CVE-2023-27561, CVE-2023-28642.
for (const path of ['proc', 'sys']) {
  for (const target of ['/mnt', '../treasure', '/proc/self/cwd']) {
    test(`refused: /${path} is a symlink to ${target}`, options, (t) => {
      const { bundle, treasure } = attack(t, () => {});
      replace(bundle, path, target);
      assertRefused(bundle.run(), /must be mounted on ordinary directory/);
      assert.deepEqual(readdirSync(treasure), []);
    });
  }
}

test('symlinks out of the rootfs, for /dev or mount points, are resolved inside', options, (t) => {
  const { bundle, treasure } = attack(t, (config) => {
    config.process.args = ['cut', '-d', ' ', '-f', '5', '/proc/self/mountinfo'];
    config.mounts.push(tmpfsOn('/up/a'), tmpfsOn('/abs/b'), tmpfsOn('/mnt/../../../../c'));
    config.mounts.push({ destination: '/up/f', source: '/etc/passwd', options: ['bind'] });
    config.linux.devices = [{ path: '/up/d', type: 'c', major: 1, minor: 3 }];
  });
  replace(bundle, 'dev', '../../treasure');
  replace(bundle, 'up', '../../treasure');
  replace(bundle, 'abs', treasure);
  const { stdout, stderr } = bundle.run();
  const mounted = stdout.split('\n');
  for (const path of ['/treasure', '/treasure/a', '/treasure/f', `${treasure}/b`, '/c']) {
    assert.ok(mounted.includes(path), `${path}: ${stdout}${stderr}`);
  }
  assert.deepEqual(readdirSync(treasure), []);
});

test('refused: a mount point behind a magic link', options, (t) => {
  for (const link of ['/proc/self/root', '/proc/self/cwd', '/proc/1/root', '/proc/self/fd/4']) {
    const { bundle, treasure } = attack(t, (config) => config.mounts.push(tmpfsOn('/out/a')));
    replace(bundle, 'out', link);
    assertRefused(bundle.run(), /ELOOP|ENOENT|inside \/proc/);
    assert.deepEqual(readdirSync(treasure), []);
  }
});

// CVE-2019-16884, CVE-2019-19921: with a forged /proc a container would get neither labels nor
// masked paths.
test('refused: mounts on /proc and below it', options, (t) => {
  const places = ['/proc', '/./proc/', '/proc/sys', '/proc/self/attr', '/link', '/link/self/attr'];
  for (const destination of places) {
    const { bundle } = attack(t, (config, { treasure }) => {
      config.mounts.push({ destination, source: treasure, options: ['bind'] });
    });
    symlinkSync('/proc', join(bundle.rootfs, 'link'));
    // A server's helper, outside of the pid namespace, has no /proc/self.
    const isUnknown = process.env.DAVIT_SERVER && destination.includes('self');
    assertRefused(bundle.run(), isUnknown ? /ENOENT/ : /cannot be mounted because it is/);
  }
});

test('refused: a mount on the rootfs itself', options, (t) => {
  for (const destination of ['/', '/mnt/..', '/self']) {
    const { bundle } = attack(t, (config) => config.mounts.push(tmpfsOn(destination)));
    symlinkSync('.', join(bundle.rootfs, 'self'));
    assertRefused(bundle.run(), /on top of the rootfs/);
  }
});

// CVE-2025-31133: only the real null device may be bound over masked paths.
test('refused: maskedPaths, if the bundle’s /dev/null is not the null device', options, (t) => {
  const fakes: Record<string, (path: string) => void> = {
    file: (path) => writeFileSync(path, ''),
    symlink: (path) => symlinkSync('/proc/sys/kernel/core_pattern', path),
    directory: (path) => mkdirSync(path),
    'symlink out': (path) => symlinkSync('/../treasure/null', path),
  };
  for (const [name, make] of Object.entries(fakes)) {
    const { bundle } = attack(t, (config, { treasure }) => {
      config.mounts = config.mounts.filter(({ destination }) => !destination.startsWith('/dev'));
      config.mounts.push({ destination: '/dev', source: treasure, options: ['bind'] });
      config.linux.maskedPaths = ['/proc/kcore'];
      make(join(treasure, 'null'));
    });
    const { status, stderr } = bundle.run();
    assert.notEqual(status, 0, name);
    assert.match(stderr, /\/dev\/null/, name);
  }
});

// CVE-2025-52565: the terminal must not be bound over the target of a symlink /dev/console.
test('refused: /dev/console is a symlink', options, (t) => {
  const { bundle } = attack(t, (config, { treasure }) => {
    config.process.terminal = true;
    config.mounts = config.mounts.filter(({ destination }) => destination !== '/dev');
    config.mounts.unshift({ destination: '/dev', source: treasure, options: ['bind'] });
    for (const name of ['pts', 'shm', 'mqueue']) mkdirSync(join(treasure, name));
    symlinkSync('/proc/sys/kernel/core_pattern', join(treasure, 'console'));
  });
  const receiver = new ConsoleReceiver(t, join(bundle.dir, 'socket'));
  assertRefused(bundle.create('--console-socket', receiver.path), /it is a symbolic link/);
});

test('a masked path that is a symlink: its target inside the rootfs is masked', options, (t) => {
  const { bundle, treasure } = attack(t, (config) => {
    config.process.args = ['sh', '-c', 'ls /real; cat /file'];
    config.linux.maskedPaths = ['/linked', '/out', '/tofile'];
  });
  writeFileSync(join(treasure, 'jewel'), '');
  bundle.write('real/secret', '');
  bundle.write('file', 'secret');
  replace(bundle, 'linked', '/real');
  replace(bundle, 'tofile', '../../file');
  replace(bundle, 'out', '../../../treasure');
  const { stdout, stderr, status } = bundle.run();
  assert.deepEqual([stdout, stderr, status], ['', '', 0]);
  assert.deepEqual(readdirSync(treasure), ['jewel']);
});
