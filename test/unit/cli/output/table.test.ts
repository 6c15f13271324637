import assert from 'node:assert/strict';
import { test } from 'node:test';
import { table } from '../../../../src/cli/output/table.ts';

test('columns are lined up as runc list does', () => {
  const rows = [
    ['ID', 'PID', 'STATUS', 'BUNDLE'],
    ['a-rather-long-id', '0', 'stopped', '/b'],
  ];
  assert.equal(
    table(rows),
    'ID                 PID         STATUS      BUNDLE\n' +
      'a-rather-long-id   0           stopped     /b\n',
  );
});

test('no rows are no text', () => {
  assert.equal(table([]), '');
});
