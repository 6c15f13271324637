import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';

const options = { skip: needsRoot };
const ROUNDS = 6;
const SWAP = join(import.meta.dirname, 'programs/swap.ts');

/*
 * The container has a volume in which another process swaps a directory for a symlink during create
 * (CVE-2021-30465, CVE-2025-31133, CVE-2025-52565). davit must mount inside the volume or refuse.
 */

/**
 * While `action` runs, `name` in the volume alternates between a directory and a symlink to
 * `target`.
 */
async function whileSwapping(
  [volume, name, target]: [string, string, string],
  action: () => void,
): Promise<void> {
  const link = join(volume, `${name}.link`);
  symlinkSync(target, link);
  const swapper = spawn(process.execPath, [SWAP, join(volume, name), link], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(swapper, 'exit');
  try {
    await once(swapper.stdout, 'data');
    action();
    assert.equal(swapper.exitCode, null);
  } finally {
    swapper.kill('SIGKILL');
    await ended;
  }
}

interface Race {
  /** Returns where the symlink leads. */
  target: (treasure: string) => string;
  spec: (spec: TestSpec) => void;
}

/** Runs containers in the volume. Returns where `attack` was mounted in the containers that ran. */
async function race(t: TestContext, { target, spec }: Race): Promise<string[]> {
  const bundle = makeBundle(t);
  const [volume, treasure] = ['volume', 'treasure'].map((name) => {
    const path = join(bundle.dir, name);
    mkdirSync(join(path, 'a/b'), { recursive: true });
    return path;
  }) as [string, string];
  writeFileSync(join(treasure, 'a/jewel'), '');
  bundle.configure((config) => {
    config.process.args = [
      'sh',
      '-c',
      'grep " - tmpfs attack" /proc/self/mountinfo | cut -d" " -f5',
    ];
    config.mounts.push({ destination: '/volume', source: volume, options: ['rbind'] });
    spec(config);
  });
  const places: string[] = [];
  await whileSwapping([volume, 'a', target(treasure)], () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { status, stdout, stderr } = bundle.run();
      if (status === 0) places.push(...stdout.split('\n').filter(Boolean));
      else assert.match(stderr, /mounts\[|linux\./);
    }
  });
  assert.deepEqual(readdirSync(treasure, { recursive: true }).sort(), ['a', 'a/b', 'a/jewel']);
  assert.doesNotMatch(readFileSync('/proc/self/mountinfo', 'utf8'), / tmpfs attack/);
  return places;
}

const mountOn =
  (...destinations: string[]) =>
  (spec: TestSpec): void => {
    for (const destination of destinations) {
      spec.mounts.push({ destination, type: 'tmpfs', source: 'attack' });
    }
  };

test('a swapped mount point: the mount is in the rootfs, or refused', options, async (t) => {
  const places = await race(t, {
    target: () => '../../treasure/a',
    spec: mountOn('/volume/a/b', '/volume/a/new'),
  });
  for (const place of places) assert.match(place, /^(\/volume\/a(\.\w+)*|\/treasure\/a)\/(b|new)$/);
});

test(
  'a mount point swapped for a symlink to the rootfs’ /proc: nothing is mounted on /proc',
  options,
  async (t) => {
    const places = await race(t, { target: () => '/proc/self', spec: mountOn('/volume/a') });
    for (const place of places) assert.match(place, /^\/volume\/a/);
  },
);

test('a swapped masked or read-only path: covered inside, or refused', options, async (t) => {
  await race(t, {
    target: (treasure) => `${'../'.repeat(20)}${treasure}`,
    spec: (spec) => {
      spec.linux.maskedPaths = ['/volume/a/b', '/volume/a/jewel'];
      spec.linux.readonlyPaths = ['/volume/a'];
    },
  });
});
