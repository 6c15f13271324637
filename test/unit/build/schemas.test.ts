import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { defaultSpec } from '../../../src/config/default-spec.ts';
import { schemas, schemaText } from '../../../tools/docs/schemas.ts';
import { BAD_ELSEWHERE } from '../config/validate/bad-fields.ts';
import { BAD_PROCESSES } from '../config/validate/bad-processes.ts';
import { BAD_RESOURCES } from '../config/validate/bad-resources.ts';
import { schemaErrors } from '../config/validate/config-schema.ts';
import { validSpec } from '../config/validate/valid-spec.ts';

test('the schemas are up to date', () => {
  for (const [file, make] of Object.entries(schemas)) {
    assert.equal(readFileSync(file, 'utf8'), schemaText(make), 'npm run generate');
  }
});

test('the configurations that davit spec writes are valid', () => {
  for (const rootless of [true, false]) {
    assert.equal(schemaErrors('config', defaultSpec({ rootless })), undefined);
  }
});

/** What a schema can tell of one value. */
const OF_ONE_VALUE =
  /^(an object|a list|true or false|a string|one of .*|an integer from \S+ to \S+)$/;

/** What depends on another value or on a key, or is beyond the numbers of JSON. */
const NOT_REFUSED = [
  'a console size without a width',
  'a limit beyond RLIM_INFINITY',
  'a nice value of 20',
  'a clock that has no offset',
  'a device without a number',
];

test('wrong types, names and ranges are refused', () => {
  const rows = [BAD_PROCESSES, BAD_ELSEWHERE, BAD_RESOURCES].flat();
  const missed = rows.filter(([, damage, , , expected]) => {
    const spec = validSpec();
    damage(spec);
    return OF_ONE_VALUE.test(expected) && !schemaErrors('config', spec);
  });
  const names = missed.map(([name]) => name);
  assert.deepEqual(names, NOT_REFUSED);
});

test("davit's configuration file", () => {
  const errors = (value: unknown) => schemaErrors('davit', value);
  const plugins = ['./a.ts', { plugin: 'davit-b', options: { any: 1 }, timeout: 2000 }];
  assert.equal(errors({ $schema: 'davit.json', plugins }), undefined);
  assert.match(errors({ plugin: [] })!, /additional properties/);
  assert.match(errors({ plugins: [{ plugin: 'a', timeout: 0 }] })!, /timeout must be > 0/);
  assert.match(errors({ plugins: [{ options: {} }] })!, /required property 'plugin'/);
});
