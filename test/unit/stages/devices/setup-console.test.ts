import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsRoot } from '../../../support/bundle.ts';
import { runChild } from '../../process/child.ts';

const options = { skip: needsRoot };

const UNSHARE = ['unshare', '--mount', '--propagation', 'private', '--fork', '--pid'];

/** Runs `source` beside a rootfs on a tmpfs with its own devpts, in a mount namespace. */
function inRootfs(source: string) {
  return runChild(
    `
    import { execFileSync } from 'node:child_process';
    import * as fs from 'node:fs';
    import { setupConsole } from './src/stages/devices/setup-console.ts';
    import { SOCK_STREAM, socketpair } from './src/syscalls/network/socket.ts';
    import { receiveTerminal } from './src/terminal/console-socket.ts';
    import { getWindowSize } from './src/syscalls/tty/tty.ts';
    const root = '/mnt';
    const mount = (...args) => execFileSync('mount', args);
    mount('-t', 'tmpfs', 'tmpfs', root);
    fs.mkdirSync(root + '/dev/pts', { recursive: true });
    mount('-t', 'devpts', '-o', 'newinstance,ptmxmode=0666,gid=5', 'devpts', root + '/dev/pts');
    const [ours, theirs] = socketpair(SOCK_STREAM);
    const ctx = {
      spec: { linux: { namespaces: [{ type: 'mount' }] } },
      process: { user: { uid: 1234, gid: 0 }, consoleSize: { height: 25, width: 90 } },
      rootfsFd: fs.openSync(root, 0o10000000),
      procfs: fs.openSync('/proc', 0o10000000),
      inherited: { console: theirs },
    };
    const say = (value) => fs.writeSync(3, JSON.stringify(value) + '\\n');
    ${source}
    `,
    { wrapper: UNSHARE, extraStdio: ['pipe'] },
  );
}

function saying(source: string): unknown[] {
  const { output, stderr, status } = inRootfs(source);
  assert.equal(status, 0, stderr);
  return output[3]!
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('the terminal is stdio, controlling, /dev/console, with size and owner', options, () => {
  const [console, size, stdio, tty, closed] = saying(`
    setupConsole(ctx);
    const master = receiveTerminal(ours);
    const { rdev, uid, gid } = fs.statSync(root + '/dev/console');
    say([rdev === (136 << 8), uid, gid]);
    say(getWindowSize(master));
    say([0, 1, 2].map((fd) => fs.fstatSync(fd).rdev === rdev));
    fs.writeSync(fs.openSync('/dev/tty', 'w'), 'to the terminal\\n');
    const buffer = Buffer.alloc(100);
    say(buffer.toString('latin1', 0, fs.readSync(master, buffer)));
    const open = fs.readdirSync('/proc/self/fd').filter((fd) => {
      try { return fs.readlinkSync('/proc/self/fd/' + fd).endsWith('/ptmx'); } catch { return false; }
    });
    say(open.map(Number).filter((fd) => fd !== master));
  `);
  assert.deepEqual(console, [true, 1234, 5]);
  assert.deepEqual(size, { rows: 25, columns: 90 });
  assert.deepEqual(stdio, [true, true, true]);
  assert.equal(tty, 'to the terminal\r\n');
  assert.deepEqual(closed, []);
});

test('an existing /dev/console is covered by the mount, not written to', options, () => {
  assert.deepEqual(
    saying(`
      fs.writeFileSync(root + '/dev/console', 'kept');
      setupConsole(ctx);
      say(fs.statSync(root + '/dev/console').isCharacterDevice());
      execFileSync('umount', [root + '/dev/console']);
      say(fs.readFileSync(root + '/dev/console', 'utf8'));
    `),
    [true, 'kept'],
  );
});

test('exec gets a terminal of the container and does not change /dev/console', options, () => {
  assert.deepEqual(
    saying(`
      fs.mkdirSync(root + '/proc');
      mount('-t', 'proc', 'proc', root + '/proc');
      process.chdir(root);
      const { chroot } = await import('./src/syscalls/files/root.ts');
      chroot('.');
      setupConsole({ ...ctx, rootfsFd: -1 });
      say([fs.fstatSync(0).rdev === (136 << 8), fs.existsSync('/dev/console'), fs.readdirSync('/dev/pts')]);
    `),
    [[true, false, ['0', 'ptmx']]],
  );
});

const attacks: [string, string, RegExp][] = [
  [
    'a ptmx on no devpts',
    `execFileSync('umount', [root + '/dev/pts']);
     execFileSync('mknod', [root + '/dev/pts/ptmx', 'c', '5', '2']);`,
    /not on a devpts: its file system is 0x1021994/,
  ],
  [
    'another device of the devpts',
    `execFileSync('umount', [root + '/dev/pts']);
     execFileSync('mknod', [root + '/dev/pts/ptmx', 'c', '5', '2']);
     const { createTerminal } = await import('./src/terminal/terminal.ts');
     const host = { ...ctx, rootFd: fs.openSync('/', 0o10000000), uid: 0 };
     mount('--bind', createTerminal(host).name, root + '/dev/pts/ptmx');`,
    /ptmx is not the device 5:2/,
  ],
  [
    'a symlink for ptmx',
    `execFileSync('umount', [root + '/dev/pts']);
     fs.symlinkSync('/dev/null', root + '/dev/pts/ptmx');`,
    /not on a devpts/,
  ],
  [
    'a symlink for /dev/console',
    `fs.writeFileSync(root + '/victim', ''); fs.symlinkSync('/victim', root + '/dev/console');`,
    /dev\/console: it is a symbolic link/,
  ],
  ['no devpts at all', `execFileSync('umount', [root + '/dev/pts']);`, /ENOENT/],
];

for (const [name, prepare, expected] of attacks) {
  test(`refused: ${name}`, options, () => {
    const { stderr, status } = inRootfs(`${prepare} setupConsole(ctx);`);
    assert.notEqual(status, 0);
    assert.match(stderr, expected);
  });
}
