import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DAVIT } from './command.ts';

/**
 * Starts a `davit serve` for a run of tests, which answers {@link Bundle.served}. Returns the function
 * that ends it. Where it cannot be started, davit runs these commands itself.
 */
export function startRunServer(scratch: string): () => Promise<void> {
  const socket = join(scratch, 'server.sock');
  const server = spawn(DAVIT, ['serve'], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH, DAVIT_TEST_RUN: scratch, DAVIT_SERVER: socket },
  });
  server.on('error', () => {});
  const ended = once(server, 'exit');
  process.env.DAVIT_TEST_SERVER = socket;
  return async () => {
    if (server.pid === undefined || server.exitCode !== null) return;
    server.kill('SIGKILL');
    await ended;
  };
}
