import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawing } from '../../../../src/cli/output/terminal.ts';

test('COLUMNS says how wide a drawing is, where it is a width', () => {
  assert.equal(drawing({ COLUMNS: '40' }).width, 40);
  const otherwise = drawing({}).width;
  for (const COLUMNS of ['', '0', '3', '-40', 'wide', '99999']) {
    assert.equal(drawing({ COLUMNS }).width, otherwise, COLUMNS);
  }
});
