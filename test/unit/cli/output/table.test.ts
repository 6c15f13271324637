import assert from 'node:assert/strict';
import { test } from 'node:test';
import { table } from '../../../../src/cli/output/table.ts';

test('columns are aligned as in runc list', () => {
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

test('a table without rows is an empty text', () => {
  assert.equal(table([]), '');
});
