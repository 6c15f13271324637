import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Bundle, makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { runCommand } from '../../support/command.ts';
import { has } from '../../support/host/has.ts';
import { makeUser, needsUser, type User } from '../../support/host/user.ts';
import { runScript, scriptOutput } from '../../support/run-script.ts';

// A user namespace without mappings: davit uses the same default mappings as crun.

const SCRIPT = 'cat /proc/self/uid_map /proc/self/gid_map; id -u; id -g';

/** Expected output: the lines of uid_map and gid_map, then the program's ids. */
const view = (uids: number[][], gids: number[][], uid: number, gid: number): string =>
  [...uids, ...gids, [uid], [gid]].map((line) => line.join(' ')).join('\n');

const plain = (text: string): string => text.trim().replaceAll(/ +/g, ' ').replaceAll(/^ /gm, '');

function withoutMappings(spec: TestSpec): void {
  // crun 1.8 accepts no later version.
  spec.ociVersion = '1.0.2';
  const others = spec.linux.namespaces.filter(({ type }) => type !== 'user');
  spec.linux.namespaces = [...others, { type: 'user' }];
  delete spec.linux.uidMappings;
  delete spec.linux.gidMappings;
  const pts = spec.mounts.find(({ destination }) => destination === '/dev/pts')!;
  pts.options = pts.options!.filter((option) => option !== 'gid=5');
}

const asUser =
  (uid: number, gid: number) =>
  (spec: TestSpec): void => {
    withoutMappings(spec);
    spec.process.user = { uid, gid };
  };

/** Runs the bundle with `ranges` as the only content of /etc/subuid and /etc/subgid. */
function runWithRanges(bundle: Bundle, ranges: string) {
  const file = join(bundle.dir, 'ranges');
  const etc = join(bundle.dir, 'etc');
  writeFileSync(file, ranges);
  // A mount on the file itself would vanish when a test that makes a user replaces the file.
  const script = `cp -a /etc ${etc}; cp ${file} ${etc}/subuid; cp ${file} ${etc}/subgid
    mount --bind ${etc} /etc && exec "$@"`;
  return bundle.command(
    ...(['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh'] as const),
    ...[bundle.binary, '--root', bundle.root, 'run', '--bundle', bundle.dir, bundle.id],
  );
}

const ROOT_CASES: [name: string, ranges: string, uid: number, gid: number, expected: string][] = [
  ['without ranges', 'other:7:7\n', 0, 0, view([[0, 0, 1]], [[0, 0, 1]], 0, 0)],
  [
    'with ranges: the first one',
    'roots:7:7\nroot:200000:1000\nroot:300000:1000\n',
    ...([0, 0] as const),
    view(
      ...both([
        [0, 0, 1],
        [1, 200000, 1000],
      ]),
      0,
      0,
    ),
  ],
  [
    'with ranges, the program not being root',
    'root:200000:1000\n',
    ...([5, 6] as const),
    view(
      [
        [0, 200000, 5],
        [5, 0, 1],
        [6, 200005, 995],
      ],
      [
        [0, 200000, 6],
        [6, 0, 1],
        [7, 200006, 994],
      ],
      ...([5, 6] as const),
    ),
  ],
];

function both(map: number[][]): [number[][], number[][]] {
  return [map, map];
}

for (const [name, ranges, uid, gid, expected] of ROOT_CASES) {
  test(`root ${name}`, { skip: needsRoot || (has('unshare') ? false : 'needs unshare') }, (t) => {
    for (const runtime of has('crun') ? (['davit', 'crun'] as const) : (['davit'] as const)) {
      const bundle = makeBundle(t, {
        ...{ runtime, args: ['sh', '-c', SCRIPT] },
        spec: asUser(uid, gid),
      });
      const { stdout, stderr } = runWithRanges(bundle, ranges);
      assert.equal(plain(stdout), expected, `${runtime}: ${stderr}`);
    }
  });
}

test('an ordinary user with subordinate ids, also for exec', { skip: needsUser }, (t) => {
  const user = makeUser(t);
  const bundle = makeBundle(t, { user, args: ['sleep', '1000'], spec: asUser(5, 0) });
  bundle.runDetached();
  const map = (own: number, id: number): number[][] =>
    [
      [0, user.subId, id],
      [id, own, 1],
      [id + 1, user.subId + id, 65536 - id],
    ].filter(([, , size]) => size! > 0);
  const { stdout } = bundle.exec('sh', '-c', SCRIPT);
  assert.equal(plain(stdout), view(map(user.uid, 5), map(user.gid, 0), 5, 0));
  const kept = JSON.parse(readFileSync(join(bundle.root, bundle.id, 'config.json'), 'utf8'));
  assert.equal(kept.linux.uidMappings.length, 3);
});

function dropRanges({ name, subId }: User): void {
  const all = `${subId}-${subId + 65535}`;
  const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
  const flags = ['--del-subuids', all, '--del-subgids', all];
  const { status, stderr } = runCommand('usermod', [...flags, name], { env: { PATH } });
  assert.equal(status, 0, stderr);
}

test('an ordinary user without subordinate ids: its own id only', { skip: needsUser }, (t) => {
  const user = makeUser(t);
  dropRanges(user);
  const alone = view([[0, user.uid, 1]], [[0, user.gid, 1]], 0, 0);
  assert.equal(plain(scriptOutput(t, SCRIPT, { user, spec: withoutMappings })), alone);
  const { status, stderr } = runScript(t, 'true', { user, spec: asUser(5, 0) });
  assert.equal(status, 1);
  assert.match(stderr, /process\.user\.uid: 5: expected an id that linux\.uidMappings maps/);
});
