import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

const PROGRAM = join(import.meta.dirname, 'seccomp-agent.ts');

/**
 * Starts seccomp-agent.ts at the socket `path`. Returns a function that ends it and returns the
 * calls it got.
 */
export async function startSeccompAgent(
  t: TestContext,
  path: string,
): Promise<() => Promise<string[]>> {
  const agent = spawn(process.execPath, [PROGRAM, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => {
    agent.kill();
    agent.stdout.destroy();
  });
  await once(agent.stdout, 'readable');
  assert.equal(String(agent.stdout.read()), 'ready\n');
  return async () => {
    writeFileSync(`${path}.gone`, '');
    return (await text(agent.stdout)).split('\n').filter(Boolean);
  };
}
