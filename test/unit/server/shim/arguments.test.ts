import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArguments } from '../../../../src/server/shim/arguments.ts';

test('flags are those of containerd, in either form', () => {
  const forms = [
    ['-namespace', 'moby', '-id', 'c1', '-bundle', '/b', '-debug', 'delete'],
    ['--namespace=moby', '--id=c1', '--bundle=/b', '--debug', 'delete'],
  ];
  for (const words of forms) {
    const { verb, namespace, id, bundle } = parseArguments(words);
    assert.deepEqual([verb, namespace, id, bundle], ['delete', 'moby', 'c1', '/b']);
  }
  assert.equal(parseArguments(['-v']).version, true);
  assert.equal(parseArguments(['-info']).info, true);
});

test('an unknown flag and a missing value are refused', () => {
  assert.throws(() => parseArguments(['-nope', 'x']), /unknown flag -nope/);
  assert.throws(() => parseArguments(['-id']), /-id: expected a value/);
});
