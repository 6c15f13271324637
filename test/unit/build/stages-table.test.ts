import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stagesTable } from '../../../build/stages-table.ts';

test('README lists the stages that there are; `node build/stages-table.ts` writes them', () => {
  const { expected, actual } = stagesTable();
  assert.equal(actual, expected);
});
