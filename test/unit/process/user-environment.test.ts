import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { userEnvironment } from '../../../src/process/user-environment.ts';

let directory: string;
let passwd: string;

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'davit-environment-'));
  passwd = join(directory, 'passwd');
  writeFileSync(
    passwd,
    '# comment\n\nbroken:x:notanumber:0::/broken:/bin/sh\nroot:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home/ann:\nann2:x:1000:1000::/second:\nshort:x:7\n',
  );
});
after(() => rmSync(directory, { recursive: true }));

test('of several values of a variable the last one counts, at its position', () => {
  assert.deepEqual(userEnvironment(['A=1', 'HOME=/h', 'B=2', 'A=3'], 0, passwd), [
    'HOME=/h',
    'B=2',
    'A=3',
  ]);
});

test('HOME comes from passwd if it is absent or empty', () => {
  assert.deepEqual(userEnvironment(['A=1'], 1000, passwd), ['A=1', 'HOME=/home/ann']);
  assert.deepEqual(userEnvironment(['HOME=', 'A=1'], 0, passwd), ['A=1', 'HOME=/root']);
  assert.deepEqual(userEnvironment([], 7, passwd), ['HOME=']);
});

test('HOME is / for an unknown user, without passwd, or if passwd is no file', () => {
  assert.deepEqual(userEnvironment([], 4711, passwd), ['HOME=/']);
  assert.deepEqual(userEnvironment([], 0, join(directory, 'absent')), ['HOME=/']);
  const fifo = join(directory, 'fifo');
  execFileSync('mkfifo', [fifo]);
  assert.deepEqual(userEnvironment([], 0, fifo), ['HOME=/']);
});

test('an entry without = is refused', () => {
  for (const [variable, message] of [
    ['A', "invalid environment variable: missing '='"],
    ['=x', 'invalid environment variable: name cannot be empty'],
    ['A=x\0y', 'invalid environment variable "A": contains nul byte (\\x00)'],
  ] as const) {
    assert.throws(() => userEnvironment([variable], 0, passwd), { message });
  }
});
