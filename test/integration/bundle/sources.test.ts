import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Spec } from '../../../src/config/types.ts';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { DAVIT, davit, runCommand, startCommand } from '../../support/command.ts';
import { chownTree } from '../../support/host/chown-tree.ts';
import { smallDisk } from '../../support/host/small-disk.ts';
import { makeUser, needsUser } from '../../support/host/user.ts';
import { busyboxEntries, tar, writeLayout } from '../../support/image.ts';
import { atTerminal } from '../../support/terminal.ts';
import { waitFor } from '../../support/wait-for.ts';

const options = { skip: needsRoot };

function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'image-'));
  chmodSync(dir, 0o755);
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A layer with a busybox. */
const busybox = () => tar(busyboxEntries());

/** A docker-archive with one image, `example/busybox:1`. */
function dockerArchive(): Buffer {
  const config = { os: 'linux', architecture: 'amd64', config: { Cmd: ['echo', 'ahoy'] } };
  const manifest = [{ Config: 'c.json', RepoTags: ['example/busybox:1'], Layers: ['l/layer.tar'] }];
  return tar([
    { name: 'c.json', content: JSON.stringify(config) },
    { name: 'shared/layer.tar', content: busybox() },
    { name: 'l/layer.tar', type: '2', link: '../shared/layer.tar' },
    { name: 'manifest.json', content: JSON.stringify(manifest) },
  ]);
}

test('an archive may be plain, compressed, or come from a pipe', options, (t) => {
  const dir = scratch(t);
  const archive = dockerArchive();
  const files = {
    'a.tar': archive,
    'a.tgz': gzipSync(archive),
    'a.zst': zstdCompressSync(archive),
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(dir, name), bytes);
  const commands = [
    ...Object.keys(files).map((name) => `"$DAVIT" bundle ${name} from-${name}`),
    '"$DAVIT" bundle - stdin < a.tar',
    'cat a.tgz | "$DAVIT" bundle --image busybox:1 - pipe',
    'mkfifo fifo; cat a.tar > fifo & "$DAVIT" bundle fifo from-fifo',
  ];
  for (const command of commands) {
    const result = runCommand('sh', ['-c', command], { cwd: dir, env: { DAVIT } });
    assert.deepEqual([result.status, result.stderr], [0, ''], command);
  }
  const bundles = readdirSync(dir).filter((name) => existsSync(join(dir, name, 'config.json')));
  assert.equal(bundles.length, commands.length);
  const bundle = makeBundle(t);
  const ran = bundle.runtime('run', '--bundle', join(dir, 'pipe'), bundle.id);
  assert.deepEqual([ran.stdout, ran.stderr], ['ahoy\n', '']);
});

test('an error says why the source has no such image', options, (t) => {
  const dir = scratch(t);
  const archive = join(dir, 'archive');
  writeFileSync(archive, dockerArchive());
  const to = join(dir, 'to');
  const errorOf = (...args: string[]) => davit('bundle', ...args).stderr;
  assert.match(errorOf('--image', 'other', archive, to), /no image other .*example\/busybox:1/);
  assert.match(errorOf('/etc/passwd', to), /there is no tar header at byte 0/);
  assert.match(errorOf(dir, to), /neither index.json nor manifest.json/);
  assert.match(errorOf(join(dir, 'none'), to), /ENOENT/);
  assert.match(errorOf('', to), /image cannot be empty/);
  assert.match(errorOf('--max-size', '1k', archive, to), /larger than --max-size allows/);
  truncateSync(archive, 20_000);
  assert.match(errorOf(archive, to), /the archive ends at byte 20000/);
  assert.deepEqual(readdirSync(dir), ['archive']);
});

test('a layer with another digest is refused', options, (t) => {
  const dir = scratch(t);
  const layout = join(dir, 'layout');
  writeLayout(layout, [tar([{ name: 'a' }])]);
  const other = join(dir, 'other');
  writeLayout(other, [tar([{ name: 'b' }])]);
  const blobs = join(layout, 'blobs/sha256');
  const layerOf = (from: string) =>
    readdirSync(from).find((name) => readFileSync(join(from, name))[0] === 0x1f)!;
  const others = join(other, 'blobs/sha256');
  cpSync(join(others, layerOf(others)), join(blobs, layerOf(blobs)));
  const { stderr } = davit('bundle', layout, join(dir, 'to'));
  assert.match(stderr, /layer blobs\/sha256\/\w+ is damaged: expected sha256:\w+, found sha256:/);
  assert.ok(!existsSync(join(dir, 'to')));
});

test('an existing bundle is not changed', options, (t) => {
  const dir = scratch(t);
  writeLayout(join(dir, 'layout'), [tar([{ name: 'a' }])]);
  writeFileSync(join(dir, 'config.json'), 'mine');
  const { stderr, status } = davit('bundle', join(dir, 'layout'), dir);
  assert.match(stderr, /config.json exists already/);
  assert.deepEqual([status, readFileSync(join(dir, 'config.json'), 'utf8')], [1, 'mine']);
});

test('a full disk is an error, and nothing is left', options, (t) => {
  const dir = scratch(t);
  writeLayout(join(dir, 'layout'), [tar([{ name: 'zeros', content: Buffer.alloc(2 ** 22) }])]);
  using _disk = smallDisk(join(dir, 'disk'));
  const { stderr } = davit('bundle', join(dir, 'layout'), join(dir, 'disk/to'));
  assert.match(stderr, /ENOSPC: no space left .*the disk of .* is full/);
  assert.deepEqual(readdirSync(join(dir, 'disk')), []);
});

test('an interrupted bundle leaves nothing', options, async (t) => {
  const dir = scratch(t);
  // The command's input never ends.
  const child = startCommand(DAVIT, ['bundle', '-', join(dir, 'to')], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  await waitFor(() => existsSync(join(dir, 'to')));
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [143, null]);
  assert.deepEqual(readdirSync(dir), []);
});

test('on a terminal, a long command shows its progress', options, async (t) => {
  const dir = scratch(t);
  const bundle = makeBundle(t);
  const zeros = Buffer.alloc(2 ** 20);
  const layer = tar(Array.from({ length: 100 }, (_, i) => ({ name: `f${i}`, content: zeros })));
  writeLayout(join(dir, 'layout'), [layer]);
  const { screen, ended } = atTerminal(t, bundle, 'bundle', join(dir, 'layout'), join(dir, 'to'));
  const done = await Promise.race([
    ended,
    screen.until((text) => /unpacking layer 1 of 1 \[#* *\] /.test(text), 'progress'),
  ]);
  // A fast machine finishes within a second, and shows no progress.
  if (done === undefined) assert.deepEqual(await ended, [0, null]);
  assert.ok(existsSync(join(dir, 'to/config.json')));
});

test('an ordinary user with subordinate ids keeps the image’s owners', {
  skip: needsUser,
}, (t) => {
  const user = makeUser(t);
  const layer = tar([...busyboxEntries(), { name: 'web', uid: 33, gid: 34 }]);
  writeLayout(join(user.home, 'layout'), [layer], { Cmd: ['stat', '-c', '%u:%g', '/web'] });
  chownTree(join(user.home, 'layout'), user.uid, user.gid);
  const to = join(user.home, 'to');
  const made = user.run(DAVIT, ['bundle', join(user.home, 'layout'), to]);
  assert.deepEqual([made.status, made.stderr], [0, '']);
  const { uid, gid } = lstatSync(join(to, 'rootfs/web'));
  assert.deepEqual([uid, gid], [user.subId + 32, user.subId + 33]);
  const { linux } = JSON.parse(readFileSync(join(to, 'config.json'), 'utf8')) as Spec;
  assert.deepEqual(linux?.uidMappings, [
    { containerID: 0, hostID: user.uid, size: 1 },
    { containerID: 1, hostID: user.subId, size: 65536 },
  ]);
  const id = `${basename(tmpdir())}-${basename(user.home)}`;
  const ran = user.run(DAVIT, ['--root', join(user.home, 'state'), 'run', '--bundle', to, id]);
  assert.deepEqual([ran.stdout, ran.stderr], ['33:34\n', '']);
});
