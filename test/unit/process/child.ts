import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { NODE_FLAGS } from '../../../src/node-flags.ts';
import { patience } from '../../support/patience.ts';

export interface ChildOptions {
  /** The files for fd 3 and up, as in spawn's stdio. The text of 'pipe' entries is in `output`. */
  extraStdio?: ('pipe' | 'ignore' | number)[];
  env?: NodeJS.ProcessEnv;
  /** A program with arguments to put in front: `['setpriv', …]`. */
  wrapper?: string[];
  input?: string;
}

export interface ChildResult {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** The text written to each fd. */
  output: (Buffer | null)[];
}

/**
 * Runs TypeScript in a new Node process with davit's flags, in the repository's directory, so that
 * imports read `./src/…`. The new process is the one that a stage changes.
 */
export function runChild(source: string, options: ChildOptions = {}): ChildResult {
  const { extraStdio = [], env = {}, wrapper = [], input } = options;
  const [command, ...args] = [
    ...wrapper,
    process.execPath,
    ...NODE_FLAGS,
    '--disable-warning=ExperimentalWarning',
    '--input-type=module-typescript',
    '--eval',
    source,
  ];
  const result = spawnSync(command!, args, {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
    stdio: ['pipe', 'pipe', 'pipe', ...extraStdio],
    ...(input === undefined ? {} : { input }),
    maxBuffer: 16 * 1024 * 1024,
    timeout: patience(30_000),
    killSignal: 'SIGKILL',
  });
  if (result.error) throw result.error;
  return {
    status: result.status,
    signal: result.signal,
    stdout: result.stdout.toString(),
    stderr: result.stderr.toString(),
    output: result.output,
  };
}

/** Runs source that must succeed. Returns its output as lines. */
export function linesOf(source: string, options: ChildOptions = {}): string[] {
  const { status, signal, stdout, stderr } = runChild(source, options);
  if (status !== 0) throw new Error(`status ${status}, signal ${signal}: ${stderr}`);
  return stdout.trimEnd().split('\n');
}

/** Parses the `Name:\tvalue` lines of /proc/PID/status. */
export function statusFields(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', value = ''] = line.split(/:\s*/, 2);
      return [name, value];
    }),
  );
}
