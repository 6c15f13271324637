import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { defaultSpec } from '../../../../src/config/default-spec.ts';
import { parseSpec } from '../../../../src/config/load.ts';
import { specShape } from '../../../../src/config/validate/spec.ts';
import { unknownFieldsWarning } from '../../../../src/config/warnings/unknown-fields.ts';

const warning = (text: string) => unknownFieldsWarning(parseSpec(text, '', specShape), specShape);

for (const name of ['docker', 'podman', 'everything']) {
  test(`${name}.json has no unknown field`, () => {
    assert.deepEqual(warning(readFileSync(`test/fixtures/specs/${name}.json`, 'utf8')), []);
  });
}

test('davit spec writes no unknown field', () => {
  for (const rootless of [false, true]) {
    assert.deepEqual(warning(JSON.stringify(defaultSpec({ rootless }))), []);
  }
});

test('one warning names each unknown field with its path and a suggestion', () => {
  const spec = {
    hostnam: 'a',
    mounts: [{ destination: '/a', optoins: [] }],
    linux: { resources: { hugepageLimits: [], memroy: {} }, sysctl: { 'net.any': '1' } },
    annotations: { any: 'name' },
    qqqqqqqqq: 1,
  };
  assert.deepEqual(warning(JSON.stringify(spec)), [
    'ignoring unknown fields: hostnam (did you mean hostname?), mounts[0].optoins (did you mean options?), linux.resources.memroy (did you mean memory?), qqqqqqqqq',
  ]);
});

test('a key in another case counts as the field, as for engines written in Go', () => {
  assert.deepEqual(warning('{"hostName": "a"}'), []);
});

test('the schema that editors read is known', () => {
  assert.deepEqual(warning('{"$schema": "schemas/config.json"}'), []);
});

test('the sections of other platforms are known', () => {
  assert.deepEqual(warning('{"windows": {"a": 1}, "process": {"consoleSize": {}}}'), []);
});

test('of very many unknown fields, the warning names the first ones', () => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`zzzzz${i}`, i]));
  assert.match(warning(JSON.stringify(many)).join(), /zzzzz9, and 990 more$/);
});
