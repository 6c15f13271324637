import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseJson } from '../../../../src/config/json.ts';
import { validateSpec } from '../../../../src/config/validate/spec.ts';
import { schemaErrors } from './config-schema.ts';

/** config.json as Docker 20.10 and Podman 4.3 wrote it. */
for (const caller of ['docker', 'podman']) {
  const file = `test/fixtures/specs/${caller}.json`;
  const spec = parseJson(readFileSync(file, 'utf8'), file);

  test(`${caller}'s config.json has no problem`, () => {
    assert.deepEqual(validateSpec(spec), []);
    assert.equal(schemaErrors('config', spec), undefined);
  });
}
