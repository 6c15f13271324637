import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

const OUTPUT = join(import.meta.dirname, '../../../../src/cli/output/output.ts');
const SIZE = 3_000_000;

test('output to a full non-blocking pipe waits, and loses nothing', async () => {
  // Opening process.stdout makes the pipe non-blocking, as another program with libuv would.
  const writer = start(
    `process.stdout._handle.setBlocking(false); new FdOutput(1).write('x'.repeat(${SIZE}))`,
  );
  await delay(300);
  let length = 0;
  for await (const chunk of writer.stdout) length += chunk.length;
  assert.equal(length, SIZE);
});

test('a closed pipe is no error', async () => {
  const writer = start(`new FdOutput(1).write('x'.repeat(${SIZE})); process.exit(7)`);
  writer.stdout.destroy();
  const [status] = await once(writer, 'exit');
  assert.equal(status, 7);
});

function start(script: string) {
  const program = `import { FdOutput } from ${JSON.stringify(OUTPUT)}; ${script}`;
  return spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
