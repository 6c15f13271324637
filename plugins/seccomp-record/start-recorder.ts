import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentArguments } from 'davit/seccomp';
import type { Order } from './order.ts';

/** A directory of the recorder's own, which it removes when it has written the profile. */
export function makeDirectory(): string {
  const { XDG_RUNTIME_DIR } = process.env;
  const base = process.geteuid!() === 0 ? '/run' : XDG_RUNTIME_DIR || tmpdir();
  return mkdtempSync(join(base, 'davit-seccomp-record-'));
}

/**
 * Starts the recorder, which ends with the container, and waits until it listens. Its stdin stays open
 * as long as this process runs: when it closes and there is no container, there will be none.
 */
export async function startRecorder(directory: string, order: Order): Promise<void> {
  const program = join(import.meta.dirname, 'recorder.ts');
  const recorder = spawn(process.execPath, agentArguments(program, directory), {
    detached: true,
    stdio: 'pipe',
  });
  const { stdin, stdout, stderr } = recorder;
  stdin.write(`${JSON.stringify(order)}\n`);
  let complaint = '';
  stderr.on('data', (text) => {
    complaint += text;
  });
  await new Promise<void>((resolve, reject) => {
    stdout.once('data', () => resolve());
    recorder.once('error', reject);
    recorder.once('close', (code) =>
      reject(new Error(complaint.trim() || `the recorder ended with status ${code}`)),
    );
  });
  stdout.destroy();
  stderr.destroy();
  recorder.unref();
  (stdin as unknown as { unref(): void }).unref();
}
