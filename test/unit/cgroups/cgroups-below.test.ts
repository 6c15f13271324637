import assert from 'node:assert/strict';
import { mkdirSync, readlinkSync, rmdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { cgroupsBelow } from '../../../src/cgroups/cgroups-below.ts';
import { removeTrees } from '../../../src/cgroups/directories.ts';
import { readAllPids } from '../../../src/cgroups/processes.ts';
import { UNIFIED, uniqueName } from './test-cgroup.ts';

/** A cgroup with the children a and a/b. */
function tree(t: TestContext): string {
  const dir = `${UNIFIED}/${uniqueName()}`;
  t.after(() => removeTrees([dir]));
  mkdirSync(`${dir}/a/b`, { recursive: true });
  return dir;
}

function removeAll(dir: string): void {
  for (const path of [`${dir}/a/b`, `${dir}/a`, dir]) rmdirSync(path);
}

test('children are visited before their parent', (t) => {
  const dir = tree(t);
  const visited = [...cgroupsBelow(dir).map((path) => readlinkSync(parent(path)) + name(path))];
  assert.deepEqual(visited, [`${dir}/a/b`, `${dir}/a`]);
});

const parent = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const name = (path: string): string => path.slice(path.lastIndexOf('/'));

// systemd removes the cgroups of a scope that it stops, while davit removes them as well.
test('a cgroup that somebody else removes is no error, whenever it goes', (t) => {
  const before = tree(t);
  removeAll(before);
  assert.deepEqual([...cgroupsBelow(before)], []);
  assert.deepEqual(readAllPids(before), []);
  removeTrees([before]);

  for (const visited of [1, 2]) {
    const dir = tree(t);
    const walk = cgroupsBelow(dir);
    for (let n = 0; n < visited; n++) assert.equal(walk.next().done, false);
    removeAll(dir);
    while (!walk.next().done);
  }
});
