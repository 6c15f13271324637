import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateResources } from '../../../../src/config/validate/resources.ts';

test('resources are validated by themselves, with paths that begin with resources', () => {
  assert.deepEqual(
    validateResources({ memory: { limit: 'x' } }).map(({ path }) => path),
    ['resources.memory.limit'],
  );
  assert.deepEqual(validateResources({ memory: { limit: 2n ** 62n } }), []);
});
