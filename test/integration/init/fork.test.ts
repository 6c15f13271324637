import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeFlags } from '../../../tools/build/node-options.ts';
import { needsRoot } from '../../support/bundle.ts';
import { runCommand } from '../../support/command.ts';

const PROGRAM = join(import.meta.dirname, 'fork-hard.ts');
const TIMES = 70;

/** Three ways of forking, 70 forks each: none may crash, hang or leave a process. */
test('forks succeed while the parent allocates hard', { skip: needsRoot }, () => {
  const run = (times: number) => {
    const { status, stdout, stderr } = runCommand(
      process.execPath,
      [...nodeFlags, PROGRAM, String(times)],
      { timeout: 50_000 },
    );
    assert.equal(status, 0, stderr || 'it hung');
    return JSON.parse(stdout);
  };
  const { statuses, children, fds } = run(TIMES);
  assert.deepEqual(statuses, { 'plain 42': TIMES, 'namespaces 42': TIMES, 'joined 42': TIMES });
  assert.equal(children, '');
  assert.equal(fds, run(1).fds);
});
