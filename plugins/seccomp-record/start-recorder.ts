import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { agentArguments } from 'davit/seccomp';
import type { CREATED, Order } from './order.ts';

/** A recorder that was started. */
export interface Recorder {
  /** Where it listens. */
  socket: string;
  /** Ends it, and removes its directory. */
  stop(): void;
}

const DIRECTORY = 'davit-seccomp-record-';

/** The directory of the recorder that listens at a profile's `listenerPath`, unless that is another's. */
export function recorderOf(listenerPath = ''): string | undefined {
  const directory = dirname(listenerPath);
  return basename(directory).startsWith(DIRECTORY) ? directory : undefined;
}

/**
 * Starts the recorder, which ends with the container, and waits until it listens. Where this process ends
 * without having written the file {@link CREATED} into its directory, there will be no container.
 */
export async function startRecorder(order: Order): Promise<Recorder> {
  const directory = makeDirectory();
  const program = join(import.meta.dirname, 'recorder.ts');
  const recorder = spawn(process.execPath, agentArguments(program, directory), { detached: true });
  const stop = () => {
    recorder.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  };
  recorder.stdin.end(JSON.stringify(order));
  try {
    await ready(recorder);
  } catch (error) {
    stop();
    throw error;
  }
  recorder.stdout.destroy();
  recorder.stderr.destroy();
  recorder.unref();
  return { socket: join(directory, 'socket'), stop };
}

/** The recorder removes it when it has written the profile. */
function makeDirectory(): string {
  const { XDG_RUNTIME_DIR } = process.env;
  const base = process.geteuid!() === 0 ? '/run' : XDG_RUNTIME_DIR || tmpdir();
  return mkdtempSync(join(base, DIRECTORY));
}

/** Throws what the recorder has to complain of. */
function ready(recorder: ChildProcessWithoutNullStreams): Promise<void> {
  let complaint = '';
  recorder.stderr.on('data', (text) => {
    complaint += text;
  });
  return new Promise((resolve, reject) => {
    recorder.stdout.once('data', () => resolve());
    recorder.once('error', reject);
    recorder.once('close', (code) =>
      reject(new Error(complaint.trim() || `the recorder ended with status ${code}`)),
    );
  });
}
