import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson, stringifyJson } from '../../../src/config/json.ts';
import { findJsonFault } from '../../../src/config/json-error.ts';

test('integers above 2^53 keep every digit in both directions', () => {
  const text = '{"hard":18446744073709551615,"low":-9223372036854775808,"soft":1024}';
  const value = parseJson(text, 'f');
  assert.deepEqual(value, {
    hard: 18446744073709551615n,
    low: -9223372036854775808n,
    soft: 1024,
  });
  assert.equal(stringifyJson(value), text);
});

test('long digits in strings and fractions do not change', () => {
  const value = { id: ' 12345678901234567890', half: 1234567890123456.5 };
  assert.deepEqual(
    parseJson('{"id":" 12345678901234567890","half":1234567890123456.5}', 'f'),
    value,
  );
});

const FAULTS: [text: string, place: string, expected: string][] = [
  ['{"a":1', '1:7', '"," or "}"'],
  ['{"a" 1}', '1:6', '":"'],
  ['[1 2]', '1:4', '"," or "]"'],
  ['{a:1}', '1:2', 'a property name in double quotes'],
  ['["a\nb"]', '1:4', "the string's end"],
  ['["\\x"]', '1:3', 'a known escape sequence'],
  ['[nul]', '1:2', 'a value'],
  ['[01]', '1:3', '"," or "]"'],
  ['{}\n\n }', '3:2', 'the end of the file'],
];

for (const [text, place, expected] of FAULTS) {
  test(`${JSON.stringify(text)} is refused at ${place}`, () => {
    assert.throws(
      () => parseJson(text, 'f'),
      ({ message }: Error) =>
        message.startsWith(`f:${place}: not JSON: expected ${expected}, found `),
    );
  });
}

test('the fault finder and JSON.parse agree on which text is JSON', () => {
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"',
    '\\',
    '1',
    '-',
    '.5',
    'e3',
    'true',
    ' ',
    '\t',
    '\x7f',
  ];
  let seed = 1;
  const next = (below: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from({ length: 1 + next(6) }, () => pieces[next(pieces.length)]).join('');
    let valid = true;
    try {
      JSON.parse(text);
    } catch {
      valid = false;
    }
    assert.equal(findJsonFault(text) === undefined, valid, JSON.stringify(text));
  }
});
