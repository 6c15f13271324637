import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AT_FDCWD, O_PATH, openat } from '../../../../src/syscalls/files/file.ts';
import {
  createFileInRoot,
  mkdirAllInRoot,
  openInRoot,
  openParentInRoot,
  resolveInRoot,
  walkInRoot,
} from '../../../../src/syscalls/files/path.ts';

const scratch = mkdtempSync(join(tmpdir(), 'davit-path-'));
const rootfs = join(scratch, 'rootfs');
mkdirSync(join(rootfs, 'real/sub'), { recursive: true });
mkdirSync(join(scratch, 'outside'));
writeFileSync(join(rootfs, 'real/file'), 'inside');
writeFileSync(join(scratch, 'outside/file'), 'outside');
symlinkSync('/', join(rootfs, 'etc'));
symlinkSync('../../../../../../..', join(rootfs, 'proc'));
symlinkSync('/real', join(rootfs, 'absolute'));
symlinkSync('../outside', join(rootfs, 'escape'));
symlinkSync('/not/there/yet', join(rootfs, 'dangling'));
symlinkSync('loop', join(rootfs, 'loop'));
const root = openat(AT_FDCWD, rootfs, O_PATH);

after(() => {
  closeSync(root);
  rmSync(scratch, { recursive: true });
});

const inode = (fd: number): number => {
  const { ino } = fstatSync(fd);
  closeSync(fd);
  return ino;
};
const inodeAt = (path: string): number => statSync(join(rootfs, path)).ino;

for (const [name, open] of Object.entries({ openInRoot, walkInRoot })) {
  test(`${name}: symlinks and .. stay inside the root`, () => {
    assert.equal(inode(open(root, '/absolute/sub', O_PATH)), inodeAt('real/sub'));
    assert.equal(inode(open(root, 'real/../../../real/file', O_PATH)), inodeAt('real/file'));
    assert.equal(inode(open(root, '/etc', O_PATH)), inodeAt('.'));
    assert.equal(inode(open(root, '/etc/etc/real', O_PATH)), inodeAt('real'));
    assert.equal(inode(open(root, '/proc', O_PATH)), inodeAt('.'));
    assert.equal(inode(open(root, '/', O_PATH)), inodeAt('.'));
    assert.throws(() => open(root, '/escape/file', O_PATH), { code: 'ENOENT' });
    assert.throws(() => open(root, '/loop', O_PATH), { code: 'ELOOP' });
    assert.throws(() => open(root, '/real/file/x', O_PATH), { code: 'ENOTDIR' });
  });
}

test('magic links are not followed out of the root', () => {
  const host = openat(AT_FDCWD, '/', O_PATH);
  assert.throws(() => openInRoot(host, '/proc/self/root/etc', O_PATH), { code: 'ELOOP' });
  closeSync(host);
});

test('resolveInRoot tells existing parts of a path from missing ones', () => {
  assert.deepEqual(resolveInRoot(root, '/dangling/x'), ['not', 'there', 'yet', 'x']);
  assert.deepEqual(resolveInRoot(root, '/absolute', { keepLast: true }), ['absolute']);
  assert.deepEqual(resolveInRoot(root, 'missing/../real'), ['real']);
});

test('mkdirAllInRoot makes directories inside the root only, also behind dangling symlinks', () => {
  closeSync(mkdirAllInRoot(root, '/a/b/c', 0o755));
  closeSync(mkdirAllInRoot(root, '/a/b/c', 0o755));
  closeSync(mkdirAllInRoot(root, '/dangling/deep', 0o755));
  closeSync(mkdirAllInRoot(root, '/escape/made', 0o755));
  closeSync(mkdirAllInRoot(root, '/proc/up', 0o755));
  assert.ok(statSync(join(rootfs, 'a/b/c')).isDirectory());
  assert.ok(statSync(join(rootfs, 'not/there/yet/deep')).isDirectory());
  assert.ok(statSync(join(rootfs, 'outside/made')).isDirectory());
  assert.ok(statSync(join(rootfs, 'up')).isDirectory());
  assert.deepEqual(readdirSync(join(scratch, 'outside')), ['file']);
  assert.throws(() => mkdirAllInRoot(root, '/real/file/x', 0o755), { code: 'ENOTDIR' });
});

test('createFileInRoot makes a file and its parents inside the root', () => {
  closeSync(createFileInRoot(root, '/absolute/new/resolv.conf', 0o644));
  assert.ok(statSync(join(rootfs, 'real/new/resolv.conf')).isFile());
  closeSync(createFileInRoot(root, '/escape/hosts', 0o644));
  assert.ok(!existsSync(join(scratch, 'outside/hosts')));
  assert.throws(() => createFileInRoot(root, '/real/file', 0o644), { code: 'EEXIST' });
});

test('openParentInRoot does not resolve the last name', () => {
  const { directory, name } = openParentInRoot(root, '/absolute/dangling');
  assert.equal(name, 'dangling');
  assert.equal(inode(directory), inodeAt('real'));
  assert.throws(() => openParentInRoot(root, '/'), /names the root itself/);
});
