import assert from 'node:assert/strict';
import { test } from 'node:test';
import { container, runtime } from '../../../src/context/stage.ts';
import type { After } from '../../../src/lifecycle/phases.ts';

const makesInit = runtime('makeInit', '', async () => ({ init: 1 }));
const needsInit = runtime('useInit', '', ({ init }: { init: number }) => assert.equal(init, 1));
const inInit = container('mounts', '', () => {});

// The type checker is the test: a wrong type here does not compile.
test('a list compiles only if each stage stands after those that add what it needs', () => {
  const right: After<{ id: string }, readonly [typeof makesInit, typeof needsInit]> = {
    id: 'web1',
    init: 1,
  };
  const wrong: After<object, readonly [typeof needsInit, typeof makesInit]> = {
    stage: 'useInit',
    needs: 'init',
  };
  const early: After<{ channel: 1 }, readonly [typeof inInit]>['stage'] = 'mounts';
  assert.deepEqual([right.init, wrong.needs, early], [1, 'init', 'mounts']);
});
