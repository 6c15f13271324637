import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { agentArguments } from 'davit/seccomp';
import type { CREATED, RecorderOptions } from './recorder-options.ts';

/** A started recorder. */
export interface Recorder {
  /** The path of its socket. */
  socket: string;
  /** Ends the recorder and removes its directory. */
  stop(): void;
}

const DIRECTORY = 'davit-seccomp-record-';

/**
 * The directory of the recorder that listens at a profile's `listenerPath`; undefined if another
 * agent does.
 */
export function recorderOf(listenerPath = ''): string | undefined {
  const directory = dirname(listenerPath);
  return basename(directory).startsWith(DIRECTORY) ? directory : undefined;
}

/**
 * Starts the recorder, which ends with the container, and waits until it listens. If this process
 * ends without writing the file {@link CREATED} into the recorder's directory, no container was
 * made.
 */
export async function startRecorder(order: RecorderOptions): Promise<Recorder> {
  const directory = makeDirectory();
  const program = join(import.meta.dirname, 'recorder.ts');
  const recorder = spawn(process.execPath, agentArguments(program, directory), { detached: true });
  const stop = () => {
    recorder.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  };
  recorder.stdin.end(JSON.stringify(order));
  try {
    await awaitReady(recorder);
  } catch (error) {
    stop();
    throw error;
  }
  recorder.stdout.destroy();
  recorder.stderr.destroy();
  recorder.unref();
  return { socket: join(directory, 'socket'), stop };
}

/** The recorder removes the directory when it has written the profile. */
function makeDirectory(): string {
  const { XDG_RUNTIME_DIR } = process.env;
  const base = process.geteuid!() === 0 ? '/run' : XDG_RUNTIME_DIR || tmpdir();
  return mkdtempSync(join(base, DIRECTORY));
}

/** Resolves when the recorder listens. Rejects with its error output. */
function awaitReady(recorder: ChildProcessWithoutNullStreams): Promise<void> {
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
