import assert from 'node:assert/strict';
import { test } from 'node:test';
import { annotatedProperties } from '../../../../src/cgroups/systemd/annotations.ts';
import { parseVariant } from '../../../../src/cgroups/systemd/variant-text.ts';

const parsed = (text: string) => {
  const { signature, value } = parseVariant(text);
  return [signature, value];
};

test('values are parsed in GLib’s text format', () => {
  assert.deepEqual(parsed('5'), ['i', 5]);
  assert.deepEqual(parsed(' -0x10 '), ['i', -16]);
  assert.deepEqual(parsed('1.5'), ['d', 1.5]);
  assert.deepEqual(parsed('uint64 5'), ['t', 5n]);
  assert.deepEqual(parsed('@t 18446744073709551615'), ['t', 2n ** 64n - 1n]);
  assert.deepEqual(parsed('true'), ['b', true]);
  assert.deepEqual(parsed(`'it\\'s'`), ['s', "it's"]);
  assert.deepEqual(parsed('"\\u00e4\\n"'), ['s', 'ä\n']);
  assert.deepEqual(parsed("objectpath '/a'"), ['o', '/a']);
  assert.deepEqual(parsed("b'ab'"), ['ay', [97, 98, 0]]);
  assert.deepEqual(parsed("['a', 'b']"), ['as', ['a', 'b']]);
  assert.deepEqual(parsed('[byte 1, 2]'), ['ay', [1, 2]]);
  assert.deepEqual(parsed('@as []'), ['as', []]);
  assert.deepEqual(parsed("{'a': uint32 1, 'b': 2}"), [
    'a{su}',
    [
      ['a', 1],
      ['b', 2],
    ],
  ]);
  assert.deepEqual(parsed("<'x'>"), ['v', { signature: 's', value: 'x' }]);
});

test('values in another format are refused', () => {
  const texts = ['', 'abc', '[', "['a' 'b']", '[1, true]', 'uint64 -1', 'byte 256', 'uint64 1.5'];
  for (const text of [...texts, '[]', '{}', '5 6', '@ii 5', "'open", 'constructor 5']) {
    assert.throws(() => parseVariant(text), Error, text);
  }
});

test('annotations become properties of the unit', () => {
  const properties = annotatedProperties({
    'org.systemd.property.TimeoutStopSec': '6',
    'org.systemd.property.CollectMode': "'inactive-or-failed'",
    'org.systemd.property.RuntimeMaxUSec': 'uint64 5',
    'org.example': 'else',
  });
  assert.deepEqual(properties, [
    ['TimeoutStopUSec', { signature: 't', value: 6_000_000n }],
    ['CollectMode', { signature: 's', value: 'inactive-or-failed' }],
    ['RuntimeMaxUSec', { signature: 't', value: 5n }],
  ]);
});

test('an error names an annotation that systemd could not take', () => {
  const refused = (name: string, value: string, message: RegExp) => {
    const key = `org.systemd.property.${name}`;
    const expected = { configPath: `annotations["${key}"]`, message };
    assert.throws(() => annotatedProperties({ [key]: value }), expected);
  };
  refused('Ab', '1', /at least three letters/);
  refused('After.x', '1', /at least three letters/);
  refused('After', 'x.service', /expected a value such as .*, found x.service/);
  refused('TimeoutStopSec', "'6s'", /expected a number of seconds, found a value of D-Bus type s/);
});
