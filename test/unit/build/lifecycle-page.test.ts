import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LIFECYCLE_PAGE, lifecyclePage } from '../../../tools/docs/lifecycle-page.ts';

test('lifecycle.md is up to date; `npm run generate` writes it', () => {
  assert.equal(readFileSync(LIFECYCLE_PAGE, 'utf8'), lifecyclePage());
});
