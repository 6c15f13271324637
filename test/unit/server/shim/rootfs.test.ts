import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commonDirectory } from '../../../../src/server/shim/rootfs.ts';

test('the common directory of lowerdirs', () => {
  const cases: [string[], string][] = [
    [['/a/b/1/fs', '/a/b/2/fs'], '/a/b/'],
    [['/a/b/1/fs', '/a/b/12/fs'], '/a/b/'],
    [['/a/x', '/b/x'], '/'],
    [['/a/x'], '/a/'],
  ];
  for (const [paths, common] of cases) assert.equal(commonDirectory(paths), common);
});
