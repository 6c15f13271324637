import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openPtyPeer, unlockPty } from '../../../src/syscalls/tty/tty.ts';
import { needsRoot } from '../../support/bundle.ts';

const options = { skip: needsRoot };

function scratch(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'davit-stdio-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

const SOURCE = join(import.meta.dirname, '../../../src/terminal/stdio.ts');
const program = (uid: number) => [
  '--input-type=module-typescript',
  '-e',
  `import { fixStdioOwnership } from '${SOURCE}'; fixStdioOwnership(${uid});`,
];

test('pipes get the program’s user as owner and keep their group', options, (t) => {
  const fifo = join(scratch(t), 'fifo');
  spawnSync('mkfifo', ['-m', '640', fifo]);
  const end = openSync(fifo, 'r+');
  const { status } = spawnSync(process.execPath, program(4321), { stdio: [end, end, end] });
  assert.equal(status, 0);
  assert.deepEqual([fstatSync(end).uid, fstatSync(end).gid], [4321, 0]);
});

test('terminals get the program’s user as owner', options, () => {
  const master = openSync('/dev/ptmx', 'r+');
  unlockPty(master);
  const slave = openPtyPeer(master, constants.O_RDWR | constants.O_NOCTTY);
  const { status } = spawnSync(process.execPath, program(4321), { stdio: [slave, slave, slave] });
  assert.equal(status, 0);
  assert.equal(fstatSync(slave).uid, 4321);
  for (const fd of [master, slave]) closeSync(fd);
});

test('files and devices keep their owner', options, (t) => {
  const directory = scratch(t);
  const [file, zero, null_, loop] = ['file', 'zero', 'null', 'loop'].map((n) => join(directory, n));
  writeFileSync(file!, '');
  spawnSync('mknod', [zero!, 'c', '1', '5']);
  spawnSync('mknod', [null_!, 'c', '1', '3']);
  spawnSync('mknod', [loop!, 'b', '7', '0']);
  for (const path of [file!, zero!, null_!, ...(canOpen(loop!) ? [loop!] : [])]) {
    const fd = openSync(path, 'r');
    const { status } = spawnSync(process.execPath, program(4321), { stdio: [fd, fd, fd] });
    assert.equal(status, 0);
    assert.equal(fstatSync(fd).uid, 0, path);
    closeSync(fd);
  }
});

function canOpen(path: string): boolean {
  try {
    closeSync(openSync(path, 'r'));
    return true;
  } catch {
    return false;
  }
}

test('a file whose owner may not be changed keeps it', options, (t) => {
  const directory = scratch(t);
  const fifo = join(directory, 'fifo');
  spawnSync('mkfifo', [fifo]);
  const end = openSync(fifo, 'r+');
  chmodSync(directory, 0o755);
  const { status, stderr } = spawnSync(
    'setpriv',
    ['--bounding-set=-chown', '--', process.execPath, ...program(4321)],
    { stdio: ['ignore', end, 'pipe'] },
  );
  assert.equal(status, 0, stderr?.toString());
  assert.equal(fstatSync(end).uid, 0);
});
