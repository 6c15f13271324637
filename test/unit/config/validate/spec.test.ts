import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateSpec } from '../../../../src/config/validate/spec.ts';
import { BAD_ELSEWHERE } from './bad-fields.ts';
import { BAD_PROCESSES } from './bad-processes.ts';
import { BAD_RESOURCES } from './bad-resources.ts';
import { BAD_COMBINATIONS } from './contradictions.ts';
import { validSpec } from './valid-spec.ts';

const TABLES = [BAD_PROCESSES, BAD_ELSEWHERE, BAD_RESOURCES, BAD_COMBINATIONS];

for (const [name, damage, path, value, expected] of TABLES.flat()) {
  test(`refuses ${name}`, () => {
    const spec = validSpec();
    damage(spec);
    assert.deepEqual(validateSpec(spec), [{ path, value, expected }]);
  });
}

test('accepts the configuration that the tables start from', () => {
  assert.deepEqual(validateSpec(validSpec()), []);
});

test('reports all problems at once, with contradictions between valid fields', () => {
  const spec = validSpec();
  spec.process.cwd = 'srv';
  spec.mounts[0].options = 'ro';
  spec.hostname = 'web';
  spec.linux.namespaces = [{ type: 'mount' }];
  spec.linux.sysctl = { 'vm.swappiness': '1' };
  assert.deepEqual(
    validateSpec(spec).map(({ path }) => path),
    ['process.cwd', 'mounts[0].options', 'hostname', 'linux.sysctl["vm.swappiness"]'],
  );
});

test('ignores contradictions in fields of a wrong type', () => {
  const spec = validSpec();
  spec.linux.namespaces = 'all';
  spec.linux.sysctl = { 'vm.swappiness': '1' };
  assert.deepEqual(
    validateSpec(spec).map(({ path }) => path),
    ['linux.namespaces'],
  );
});

test('reports a problem for any JSON value', () => {
  for (const spec of [null, undefined, 1, 'x', [], true]) {
    assert.deepEqual(validateSpec(spec), [{ path: '$', value: spec, expected: 'an object' }]);
  }
  assert.deepEqual(
    validateSpec({}).map(({ path }) => path),
    ['ociVersion', 'root'],
  );
});
