import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { patience } from './patience.ts';

/** What a command did. `status` is null where a signal ended it. */
export interface Result {
  status: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  cwd?: string;
  env?: Record<string, string>;
  input?: string;
  /** By fd; output is kept by {@link runCommand} itself. */
  stdio?: ('ignore' | 'pipe' | 'inherit' | number)[];
  /** Milliseconds. */
  timeout?: number;
  /** As whom to run it, without other groups. */
  uid?: number;
  gid?: number;
}

/** A davit under test: the build in this checkout, or DAVIT. */
export const DAVIT = process.env.DAVIT ?? join(import.meta.dirname, '../../dist/davit');

/** Of the test's own environment, what a command gets: enough to run, and the mark that leftovers bear. */
const KEPT = ['PATH', 'DAVIT_TEST_RUN', 'DAVIT_TRACE_DIR', 'DAVIT_SERVER'];

function environment(command: string, more: Record<string, string> = {}): Record<string, string> {
  // Programs of the tests start several times as fast with it.
  const kept = command === process.execPath ? [...KEPT, 'NODE_COMPILE_CACHE'] : KEPT;
  const own = kept.flatMap((name) => {
    const value = process.env[name];
    return value ? [[name, value]] : [];
  });
  return { ...Object.fromEntries(own), ...more };
}

/**
 * Runs a command to its end. What it prints goes through files: a container that it leaves running
 * may hold them open.
 */
export function runCommand(command: string, args: string[], options: CommandOptions = {}): Result {
  const { env, timeout = 20_000, stdio = ['ignore'], ...rest } = options;
  const out = new Output();
  const err = new Output();
  try {
    const { status, signal, error } = spawnSync(command, args, {
      ...rest,
      stdio: ['input' in rest ? 'pipe' : stdio[0], out.fd, err.fd, ...stdio.slice(3)],
      env: environment(command, env),
      timeout: patience(timeout),
      killSignal: 'SIGKILL',
    });
    if (error) throw error;
    return { status, signal, stdout: out.text(), stderr: err.text() };
  } finally {
    out.close();
    err.close();
  }
}

/** A file without a name that takes what a command prints. */
class Output {
  readonly fd: number;

  constructor() {
    const path = join(tmpdir(), `output-${randomUUID()}`);
    this.fd = openSync(path, 'wx+');
    rmSync(path);
  }

  text(): string {
    const bytes = Buffer.alloc(fstatSync(this.fd).size);
    readSync(this.fd, bytes, 0, bytes.length, 0);
    return bytes.toString();
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** Starts a command and leaves it running. */
export function startCommand(command: string, args: string[], options: CommandOptions = {}) {
  const { env, stdio = ['ignore', 'pipe', 'pipe'], ...rest } = options;
  return spawn(command, args, { stdio, ...rest, env: environment(command, env) });
}

/** davit without a bundle: `davit('--root', dir, 'list')`. */
export const davit = (...args: string[]): Result => runCommand(DAVIT, args);
