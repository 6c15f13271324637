import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostPs } from '../../../../src/cli/output/host-ps.ts';

const caller = { cwd: '/', environment: process.env };

test('keeps the heading and the lines of the container’s pids', () => {
  const [heading, ...lines] = hostPs([], [process.pid], caller).trimEnd().split('\n');
  assert.match(heading!, /^UID +PID /);
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, new RegExp(`^\\S+ +${process.pid} `));
});

test('options are passed to ps', () => {
  assert.equal(hostPs(['-e', '-o', 'pid'], [1], caller).replace(/ /g, ''), 'PID\n1\n');
});

test('the error says why if ps fails or prints no PID column', () => {
  assert.throws(
    () => hostPs(['-e', '-o', 'comm'], [1], caller),
    /couldn't find PID field in ps output/,
  );
  assert.throws(() => hostPs(['--no-such-option'], [1], caller), /ps: exit status 1: .*unknown/s);
});
