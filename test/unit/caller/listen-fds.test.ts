import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  checkPreservedFds,
  countListenFds,
  listenEnvironment,
} from '../../../src/caller/listen-fds.ts';
import { NODE_FLAGS } from '../../../src/node-flags.ts';

test('LISTEN_FDS applies only to the process that LISTEN_PID names', () => {
  assert.equal(countListenFds({ LISTEN_FDS: '2', LISTEN_PID: '77' }, 77), 2);
  assert.equal(countListenFds({ LISTEN_FDS: '2', LISTEN_PID: '78' }, 77), 0);
  assert.equal(countListenFds({ LISTEN_FDS: '2' }, 77), 0);
  assert.equal(countListenFds({ LISTEN_PID: '77' }, 77), 0);
  for (const wrong of ['', '-1', 'two', '1e3', '0x2', ' 2', '2.0']) {
    assert.equal(countListenFds({ LISTEN_FDS: wrong, LISTEN_PID: '77' }, 77), 0, wrong);
  }
});

test('the container gets LISTEN_PID=1 with its sockets', () => {
  assert.deepEqual(listenEnvironment(2), ['LISTEN_FDS=2', 'LISTEN_PID=1']);
  assert.deepEqual(listenEnvironment(0), []);
});

test('an error names the first fd that is not open, after those of LISTEN_FDS', () => {
  checkPreservedFds(1, 2, { inheritedFds: new Set([0, 1, 2, 3, 4, 5]) });
  checkPreservedFds(0, 0, { inheritedFds: new Set() });
  assert.throws(() => checkPreservedFds(1, 2, { inheritedFds: new Set([0, 1, 2, 3, 4]) }), {
    message: 'unable to stat preserved-fd 1 (of 2): no such file or directory',
  });
  assert.throws(() => checkPreservedFds(2, 0, { inheritedFds: new Set([0, 1, 2, 3]) }), {
    message: 'LISTEN_FDS is 2, but fd 4 is not open',
  });
});

const SOURCE = join(import.meta.dirname, '../../../src/caller/listen-fds.ts');
const program = (count: number) => [
  ...NODE_FLAGS,
  '--input-type=module-typescript',
  '-e',
  `import { checkPreservedFds } from '${SOURCE}'; checkPreservedFds(0, ${count});`,
];

test('only fds of the caller count, not fds that Node opened in their place', () => {
  const file = openSync('/etc/hosts', 'r');
  const stdio: ('ignore' | 'pipe' | number)[] = ['ignore', 'ignore', 'pipe'];
  const passed = spawnSync(process.execPath, program(3), { stdio: [...stdio, file, 'pipe', file] });
  assert.equal(passed.status, 0, passed.stderr.toString());
  const { stderr, status } = spawnSync(process.execPath, program(3), { stdio: [...stdio, file] });
  assert.notEqual(status, 0);
  assert.match(stderr.toString(), /unable to stat preserved-fd 1 \(of 3\)/);
  closeSync(file);
});
