import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FdOutput } from '../../../../src/cli/output/output.ts';
import { terminalFeatures } from '../../../../src/cli/output/terminal.ts';

const output = new FdOutput(1);

test('COLUMNS sets the width of drawings if it is a valid width', () => {
  assert.equal(terminalFeatures(output, { COLUMNS: '40' }).width, 40);
  const otherwise = terminalFeatures(output, {}).width;
  for (const COLUMNS of ['', '0', '3', '-40', 'wide', '99999']) {
    assert.equal(terminalFeatures(output, { COLUMNS }).width, otherwise, COLUMNS);
  }
});
