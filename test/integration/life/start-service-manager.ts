import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { waitFor } from '../../support/wait-for.ts';

const PROGRAM = join(import.meta.dirname, 'service-manager.ts');

/** Starts service-manager.ts. Returns a function that returns the datagrams so far. */
export async function startServiceManager(
  t: TestContext,
  address: string,
): Promise<() => string[]> {
  const manager = spawn(process.execPath, [PROGRAM, address], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  manager.stdout.on('data', (bytes) => {
    output += bytes;
  });
  t.after(() => {
    manager.kill('SIGKILL');
    manager.stdout.destroy();
  });
  const datagrams = (): string[] =>
    output
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as string);
  await waitFor(() => datagrams().length > 0);
  return () => datagrams().slice(1);
}
