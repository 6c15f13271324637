import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { lifecycle } from '../../../src/lifecycle/stages.ts';
import { FIELD_NOTES } from '../../../tools/docs/field-notes.ts';
import { FIELDS_FILE, fieldPaths, fieldsTable } from '../../../tools/docs/fields-table.ts';

test('fields.md is what the code says', () => {
  assert.equal(readFileSync(FIELDS_FILE, 'utf8'), fieldsTable(), 'npm run generate');
});

test('every note is of a field, and names stages that are', () => {
  const stages: string[] = Object.values(lifecycle).flatMap((list) => list.map(({ name }) => name));
  const paths = fieldPaths();
  for (const [path, note] of Object.entries(FIELD_NOTES)) {
    assert.ok(paths.includes(path), path);
    for (const stage of note.stages ?? []) assert.ok(stages.includes(stage), stage);
  }
});

test('every field at the top, of process and of linux has a note of its own', () => {
  const missing = fieldPaths().filter(
    (path) => /^(linux\.|process\.)?\w+$/.test(path) && !(path in FIELD_NOTES),
  );
  assert.deepEqual(missing, ['process.env']);
});
