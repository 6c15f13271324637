import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HINTS } from '../../../src/errors/hints/hint-of.ts';
import { stageNames } from '../../../src/lifecycle/stages.ts';

test('hints name existing stages', () => {
  const names: readonly string[] = stageNames();
  const unknown = HINTS.flatMap(({ stage }) => stage).filter((stage) => !names.includes(stage));
  assert.deepEqual(unknown, []);
});
