import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DAVIT } from '../command.ts';

/**
 * Starts a `davit serve` for a run of tests, which {@link Bundle.served} uses. Returns a function
 * that ends it. If it cannot be started, davit runs these commands without a server.
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
