import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { lifecycle } from '../../../src/lifecycle/stages.ts';
import { FIELD_NOTES } from '../../../tools/docs/field-notes.ts';
import { FIELDS_FILE, fieldPaths, fieldsTable } from '../../../tools/docs/fields-table.ts';

test('fields.md is up to date', () => {
  assert.equal(readFileSync(FIELDS_FILE, 'utf8'), fieldsTable(), 'npm run generate');
});

test('every note belongs to a field, and names existing stages', () => {
  const stages: string[] = Object.values(lifecycle).flatMap((list) => list.map(({ name }) => name));
  const paths = fieldPaths();
  for (const [path, note] of Object.entries(FIELD_NOTES)) {
    assert.ok(paths.includes(path), path);
    for (const stage of note.stages ?? []) assert.ok(stages.includes(stage), stage);
  }
});

test('every top-level field, and every field of process and linux, has a note', () => {
  const missing = fieldPaths().filter(
    (path) => /^(linux\.|process\.)?\w+$/.test(path) && !(path in FIELD_NOTES),
  );
  assert.deepEqual(missing, ['process.env']);
});
