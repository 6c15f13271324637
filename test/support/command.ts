import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { patience } from './patience.ts';

/** The result of a command. `status` is null if a signal ended it. */
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
  /** By fd. If absent, {@link runCommand} keeps the output. */
  stdio?: ('ignore' | 'pipe' | 'inherit' | number)[];
  /** Milliseconds. */
  timeout?: number;
  /** The user to run the command as, without additional groups. */
  uid?: number;
  gid?: number;
}

/** The davit under test: this checkout's build, or DAVIT. */
export const DAVIT = process.env.DAVIT ?? join(import.meta.dirname, '../../dist/davit');

/**
 * The part of the test's environment that a command gets: what it needs to run, and the mark by
 * which leftovers are found.
 */
const KEPT = ['PATH', 'DAVIT_TEST_RUN', 'DAVIT_TRACE_DIR', 'DAVIT_SERVER'];
/** With the cache, Node programs of the tests start several times as fast. */
const KEPT_BY_NODE = [...KEPT, 'NODE_COMPILE_CACHE'];
/**
 * What a killed program leaves among the temporary files goes with those of the run. Only the user
 * of the run may write there.
 */
const KEPT_BY_OWN_NODE = [...KEPT_BY_NODE, 'TMPDIR'];

function environment(command: string, { env, uid }: CommandOptions): Record<string, string> {
  const keptByNode = uid === undefined ? KEPT_BY_OWN_NODE : KEPT_BY_NODE;
  const kept = command === process.execPath ? keptByNode : KEPT;
  const own = kept.flatMap((name) => {
    const value = process.env[name];
    return value ? [[name, value]] : [];
  });
  return { ...Object.fromEntries(own), ...env };
}

/**
 * Runs a command to its end. Its output goes to files, because a container that the command leaves
 * running may hold them open.
 */
export function runCommand(command: string, args: string[], options: CommandOptions = {}): Result {
  const { timeout = 20_000, stdio = ['ignore'], ...rest } = options;
  const out = new Output();
  const err = new Output();
  try {
    const { status, signal, error } = spawnSync(command, args, {
      ...rest,
      stdio: ['input' in rest ? 'pipe' : stdio[0], out.fd, err.fd, ...stdio.slice(3)],
      env: environment(command, options),
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

/** A file without a name, for a command's output. */
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
  const { stdio = ['ignore', 'pipe', 'pipe'], ...rest } = options;
  return spawn(command, args, { stdio, ...rest, env: environment(command, options) });
}

/** Runs davit without a bundle: `davit('--root', dir, 'list')`. */
export const davit = (...args: string[]): Result => runCommand(DAVIT, args);
