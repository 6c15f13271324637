import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Spec } from '../../../src/config/types.ts';
import { needsRoot } from '../../support/bundle.ts';
import { davit } from '../../support/command.ts';
import { type Entry, tar, writeLayout } from '../../support/image.ts';

const options = { skip: needsRoot };

/** Unpacks layers. Returns the directory of the root file system. */
function unpack(t: TestContext, ...layers: Entry[][]) {
  const dir = mkdtempSync(join(tmpdir(), 'image-'));
  t.after(() => rmSync(dir, { recursive: true }));
  writeLayout(join(dir, 'layout'), layers.map(tar));
  const result = davit('bundle', join(dir, 'layout'), join(dir, 'bundle'));
  return { dir, result, rootfs: join(dir, 'bundle/rootfs') };
}

function unpacked(t: TestContext, ...layers: Entry[][]): string {
  const { result, rootfs } = unpack(t, ...layers);
  assert.deepEqual([result.status, result.stderr], [0, '']);
  return rootfs;
}

test('files have the layer’s owners, modes, times, links and device numbers', options, (t) => {
  const rootfs = unpacked(t, [
    { name: 'dir/', type: '5', mode: 0o1751, uid: 5, gid: 6, mtime: 1000 },
    { name: 'dir/file', mode: 0o4755, uid: 7, gid: 8, mtime: 2000, content: 'text' },
    { name: 'dir/hard', type: '1', link: 'dir/file' },
    { name: 'link', type: '2', link: '/nowhere', uid: 9, mtime: 3000 },
    { name: 'fifo', type: '6', mode: 0o600 },
    { name: 'big', pax: { uid: '3000000', path: `${'long'.repeat(40)}/name` } },
  ]);
  const stat = (path: string) => {
    const { uid, gid, mode, mtimeMs } = lstatSync(join(rootfs, path));
    return [uid, gid, (mode & 0o7777).toString(8), mtimeMs / 1000];
  };
  assert.deepEqual(stat('dir'), [5, 6, '1751', 1000]);
  assert.deepEqual(stat('dir/file'), [7, 8, '4755', 2000]);
  assert.equal(readFileSync(join(rootfs, 'dir/hard'), 'utf8'), 'text');
  assert.equal(statSync(join(rootfs, 'dir/hard')).nlink, 2);
  assert.equal(readlinkSync(join(rootfs, 'link')), '/nowhere');
  assert.deepEqual([stat('link')[0], stat('link')[3]], [9, 3000]);
  assert.ok(lstatSync(join(rootfs, 'fifo')).isFIFO());
  assert.equal(stat(`${'long'.repeat(40)}/name`)[0], 3_000_000);
});

test('a file keeps its capabilities, whose value is not text', options, (t) => {
  // struct vfs_cap_data, VFS_CAP_REVISION_2, with CAP_SETUID: the byte 0x80 is not valid UTF-8.
  const value = Buffer.from('0100000280000000000000000000000000000000', 'hex');
  const rootfs = unpacked(t, [
    { name: 'program', mode: 0o755, pax: { 'SCHILY.xattr.security.capability': value } },
  ]);
  const code =
    'import os,sys;sys.stdout.buffer.write(os.getxattr(sys.argv[1],"security.capability"))';
  const { stdout } = spawnSync('python3', ['-c', code, join(rootfs, 'program')]);
  assert.equal(stdout.toString('hex'), value.toString('hex'));
});

test('a layer changes, replaces and removes files of lower layers', options, (t) => {
  const rootfs = unpacked(
    t,
    [
      { name: 'gone', content: '1' },
      { name: 'tree/below/file', content: '1' },
      { name: 'opaque/lower', content: '1' },
      { name: 'becomes-file/x', content: '1' },
      { name: 'becomes-dir', content: '1' },
      { name: 'kept/lower', content: '1' },
    ],
    [
      { name: '.wh.gone' },
      { name: '.wh.tree' },
      { name: 'opaque/upper', content: '2' },
      { name: 'opaque/.wh..wh..opq' },
      { name: 'becomes-file', content: '2' },
      { name: 'becomes-dir/', type: '5' },
      { name: 'kept/upper', content: '2' },
      { name: '.wh..wh.plnk/1', content: 'of aufs' },
      { name: '.wh.never-was' },
    ],
  );
  const found = (readdirSync(rootfs, { recursive: true }) as string[]).sort();
  assert.deepEqual(found, [
    'becomes-dir',
    'becomes-file',
    'kept',
    'kept/lower',
    'kept/upper',
    'opaque',
    'opaque/upper',
  ]);
});

test('symlinks of the image do not lead out of the root file system', options, (t) => {
  const { dir, rootfs, result } = unpack(t, [
    { name: 'out', type: '2', link: '/../../../../../../../../../tmp' },
    { name: 'up', type: '2', link: '../../../..' },
    { name: 'out/escaped', content: '1' },
    { name: 'up/escaped', content: '1' },
    { name: 'magic', type: '2', link: '/proc/self/root' },
    { name: 'magic/escaped', content: '1' },
  ]);
  assert.equal(result.status, 0, result.stderr);
  for (const place of ['/tmp', '/', dir, join(dir, 'bundle')]) {
    assert.ok(!existsSync(join(place, 'escaped')), place);
  }
  for (const path of ['tmp/escaped', 'escaped', 'proc/self/root/escaped'])
    assert.ok(existsSync(join(rootfs, path)), path);
});

for (const [what, entries, expected] of [
  ['a name with ..', [{ name: 'a/../../x' }], /entry "a\/\.\.\/\.\.\/x" leads out of the root/],
  ['a hard link with ..', [{ name: 'x', type: '1', link: '../../etc/passwd' }], /leads out/],
  ['a hard link to nothing', [{ name: 'x', type: '1', link: 'none' }], /ENOENT/],
  ['a sparse file', [{ name: 'x', pax: { 'GNU.sparse.major': '1' } }], /cannot unpack/],
  ['a type of its own', [{ name: 'x', type: 'Z' }], /x: davit cannot unpack .* type "Z"/],
  ['a size that is none', [{ name: 'x', pax: { size: '-5' } }], /x: its size is -5/],
  ['a malformed pax header', [{ name: 'x', type: 'x', content: 'no' }], /pax header .* malformed/],
  ['a header of 2 MiB', [{ name: 'x', type: 'x', content: Buffer.alloc(2 ** 21) }], /too many/],
] as [string, Entry[], RegExp][]) {
  test(`${what} is refused, and nothing is left`, options, (t) => {
    const { dir, result } = unpack(t, entries);
    assert.match(result.stderr, expected);
    assert.equal(result.stderr.trim().split('\n').length, 1);
    assert.equal(result.status, 1);
    assert.deepEqual(readdirSync(dir), ['layout']);
  });
}

test('config.json follows the image’s configuration', options, (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'image-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const layer = tar([
    { name: 'etc/passwd', content: 'root:x:0:0::/:/bin/sh\nweb:x:33:34::/srv:/bin/sh\n' },
    { name: 'etc/group', content: 'web:x:34:\nlog:x:50:a,web\n' },
  ]);
  writeLayout(join(dir, 'layout'), [layer], {
    ...{ User: 'web', Env: ['PATH=/bin', 'A=b'], Entrypoint: ['/serve'], Cmd: ['-v'] },
    ...{ WorkingDir: '/srv', Labels: { 'a.b': 'c' }, StopSignal: 'SIGQUIT', ExposedPorts: null },
  });
  const read = (name: string, ...args: string[]): Spec => {
    const { stderr } = davit('bundle', join(dir, 'layout'), join(dir, name), ...args);
    assert.equal(stderr, '');
    return JSON.parse(readFileSync(join(dir, name, 'config.json'), 'utf8'));
  };
  const { process, annotations, root } = read('one');
  assert.deepEqual(process?.user, { uid: 33, gid: 34, additionalGids: [50] });
  assert.deepEqual(process?.args, ['/serve', '-v']);
  assert.deepEqual(process?.env, ['PATH=/bin', 'A=b']);
  assert.deepEqual([process?.cwd, process?.terminal], ['/srv', false]);
  assert.deepEqual(root, { path: 'rootfs' });
  assert.equal(annotations?.['a.b'], 'c');
  assert.equal(annotations?.['org.opencontainers.image.stopSignal'], 'SIGQUIT');
  assert.deepEqual(read('two', 'sh', '-c', 'x').process?.args, ['sh', '-c', 'x']);
});
