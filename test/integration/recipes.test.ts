import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { needsRoot } from '../support/bundle.ts';
import { DAVIT, runCommand } from '../support/command.ts';
import { chownTree } from '../support/host/chown-tree.ts';
import { has } from '../support/host/has.ts';
import { makeUser, needsUser } from '../support/host/user.ts';
import { fillRootfs } from '../support/rootfs.ts';

/* docs/recipes.md, with a name for web1 that no other container of the machine has. */

const NAME = `rc-${process.pid}`;

const page = readFileSync(join(import.meta.dirname, '../../docs/recipes.md'), 'utf8');
const [introduction, ...sections] = page.split(/^## /m);

/** The commands of a section, after those of the introduction. */
function commandsOf(title: string): string {
  const section = sections.find((text) => text.startsWith(`${title}\n`));
  assert.ok(section, title);
  const blocks = [introduction!, section].flatMap((text) => [
    ...text.matchAll(/^```sh\n(.*?)^```$/gms),
  ]);
  return blocks.map(([, commands]) => commands!.replaceAll('web1', NAME)).join('');
}

/** A directory with web1/rootfs, and a directory for PATH that has davit. */
function workplace(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'recipes-'));
  t.after(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, NAME, 'rootfs'), { recursive: true });
  fillRootfs(join(directory, NAME, 'rootfs'));
  mkdirSync(join(directory, 'bin'));
  symlinkSync(DAVIT, join(directory, 'bin/davit'));
  return { directory, PATH: `${join(directory, 'bin')}:${process.env.PATH}` };
}

/**
 * Runs a section as root. Its links, its network namespaces and what it puts into /run are in
 * namespaces of its own.
 */
function follow(t: TestContext, title: string): { stdout: string; directory: string } {
  const { directory, PATH } = workplace(t);
  const script = `mount -t tmpfs tmpfs /run\n${commandsOf(title)}\ndavit delete --force ${NAME}`;
  const { status, stdout, stderr } = runCommand(
    'unshare',
    ['--mount', '--net', 'sh', '-e', '-c', script],
    { cwd: directory, env: { PATH } },
  );
  assert.deepEqual([status, stderr], [0, '']);
  return { stdout, directory };
}

test('a network: a pair of virtual devices', {
  skip: needsRoot || (!has('ip') && 'needs ip'),
}, (t) => {
  const { stdout } = follow(t, 'A network: a pair of virtual devices');
  assert.match(stdout, /inet 10\.88\.1\.2\/24 .*eth0/);
});

const noCni = !has('/usr/lib/cni/bridge') && 'needs containernetworking-plugins';

test('a network: CNI', { skip: needsRoot || (!has('ip') && 'needs ip') || noCni }, (t) => {
  const { stdout } = follow(t, 'A network: CNI');
  assert.match(stdout, /inet 10\.88\.2\.2\/24 .*eth0/);
});

test('logs', { skip: needsRoot }, (t) => {
  const { stdout, directory } = follow(t, 'Logs');
  assert.equal(stdout, 'aboard\naboard\n');
  assert.equal(readFileSync(join(directory, `${NAME}.log`), 'utf8'), 'aboard\n');
});

test('as an ordinary user', { skip: needsUser }, (t) => {
  const user = makeUser(t);
  const { directory, PATH } = workplace(t);
  chownTree(directory, user.uid, user.gid);
  const script = commandsOf('As an ordinary user');
  const { status, stdout, stderr } = user.run('sh', ['-e', '-c', script], {
    cwd: directory,
    env: { PATH },
  });
  assert.deepEqual([status, stdout, stderr], [0, '0\n', '']);
});
