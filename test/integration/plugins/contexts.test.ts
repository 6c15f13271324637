import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  type BeforeStage,
  CONTEXTS_PAGE,
  contexts,
  contextsPage,
} from '../../../tools/docs/contexts-page.ts';
import { makeBundle, needsRoot } from '../../support/bundle.ts';

const documented = contexts();

test('contexts.md is up to date; `npm run generate` writes it', () => {
  assert.equal(readFileSync(CONTEXTS_PAGE, 'utf8'), contextsPage());
});

/** What a plugin has found before a stage. */
interface Found {
  command: string;
  stage: string;
  has?: BeforeStage['has'];
  inside?: Inside;
}

/** What a plugin could do in init. */
interface Inside {
  /** A path of the rootfs is there. */
  rootfs: boolean;
  /** A path of one of its mounts is there. */
  mounts: boolean;
  /** A path of the host, and one of the container alone, can be the source of a mount. */
  hostSource: boolean;
  ownSource: boolean;
  /** A file of the rootfs can be written. */
  writes: boolean;
}

const INSIDE: Readonly<Record<string, Inside>> = {
  'no paths': { rootfs: false, mounts: false, hostSource: false, ownSource: false, writes: false },
  'the rootfs; sources of mounts are paths of the host': {
    ...{ rootfs: true, mounts: false, hostSource: true, ownSource: false, writes: true },
  },
  'the rootfs and its mounts; sources of mounts are paths of the host': {
    ...{ rootfs: true, mounts: true, hostSource: true, ownSource: false, writes: true },
  },
  'the rootfs and its mounts, also as sources of mounts': {
    ...{ rootfs: true, mounts: true, hostSource: false, ownSource: true, writes: true },
  },
  'the same; with `root.readonly`, only its mounts for writing': {
    ...{ rootfs: true, mounts: true, hostSource: false, ownSource: true, writes: false },
  },
  'the same, with the rights of the user of the process': {
    ...{ rootfs: true, mounts: true, hostSource: false, ownSource: false, writes: false },
  },
};

/** A plugin that appends to a file what it finds before every stage. */
const witness = (file: string, stages: string[], inside: string[]) => `
import { existsSync, openSync, readdirSync, writeSync } from 'node:fs';
const fd = openSync('${file}', 'a');
const note = (found) => void writeSync(fd, JSON.stringify(found) + '\\n');
const works = (action) => { try { return action() ?? true; } catch { return false; } };
const by = (stages, of) => Object.fromEntries(stages.map((stage) => [stage, of(stage)]));
export default {
  name: 'witness',
  before: by(${JSON.stringify(stages)}, (stage) => ({ id, command, spec, rootfs, pid }) => {
    const cgroups = readdirSync('/sys/fs/cgroup').map((name) => '/sys/fs/cgroup/' + name + '/' + id);
    const has = {
      spec: spec.process !== undefined,
      rootfs: rootfs !== '',
      pid: pid !== undefined,
      cgroup: [...cgroups, '/sys/fs/cgroup/' + id].some(existsSync),
    };
    note({ command, stage, has });
  }),
  inContainer: { before: by(${JSON.stringify(inside)}, (stage) => (ctx) => {
    const mount = (source) => works(() =>
      ctx.mount({ destination: '/tmp', type: 'bind', source, options: ['bind'] }));
    note({ command: ctx.command, stage, inside: {
      rootfs: works(() => ctx.exists('/bin')),
      mounts: works(() => ctx.exists('/proc/self')),
      hostSource: mount('${file}-source'),
      ownSource: mount('/of-container'),
      writes: works(() => ctx.write('/written', '')),
    } });
  }) },
};`;

/** What the plugin has found in a container's life. */
function life(t: TestContext): Found[] {
  const bundle = makeBundle(t);
  bundle.configure((spec) => {
    spec.process.args = ['sleep', '1000'];
    spec.process.user = { uid: 1000, gid: 1000 };
    spec.linux.cgroupsPath = `/${bundle.id}`;
  });
  bundle.write('of-container/file', '');
  bundle.write('tmp/file', '');
  const rows = [...documented.values()].flat().map(({ stage }) => stage);
  const names = (side: string) => [
    ...new Set(rows.filter((stage) => stage.side === side).map(({ name }) => name)),
  ];
  const inside = names('container').filter((name) => name !== 'startWait');
  const [file, plugin] = [join(bundle.dir, 'found'), join(bundle.dir, 'witness.ts')];
  mkdirSync(`${file}-source`);
  writeFileSync(plugin, witness(file, [...names('runtime'), ...names('container')], inside));
  const run = (...args: string[]) => {
    const { status, stderr } = bundle.runtime('--plugin', plugin, ...args);
    assert.deepEqual([status, stderr], [0, '']);
  };
  run('create', '--bundle', bundle.dir, bundle.id);
  run('start', bundle.id);
  run('update', '--pids-limit', '100', bundle.id);
  run('exec', bundle.id, 'true');
  run('delete', '--force', bundle.id);
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('a plugin finds what the page says', { skip: needsRoot }, (t) => {
  for (const { command, stage, has, inside } of life(t)) {
    // For a function in init, `start` is a part of `create`.
    const commands = command === 'create' ? (['create', 'start'] as const) : [command as 'exec'];
    const rows = commands.flatMap((one) => documented.get(one)!);
    const row = rows.find(({ stage: { name } }) => name === stage)!;
    const what = `${command}: before ${stage}`;
    if (has) assert.deepEqual(has, row.has, what);
    if (inside) assert.deepEqual(inside, INSIDE[row.reaches!], what);
  }
});
