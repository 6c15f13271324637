import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { NODE_FLAGS } from '../../../src/node-flags.ts';
import { patience } from '../../support/patience.ts';

export interface ChildOptions {
  /** What fd 3 and up are open on, as spawn's stdio; 'pipe' ones are in `output`. */
  extraStdio?: ('pipe' | 'ignore' | number)[];
  env?: NodeJS.ProcessEnv;
  /** A program to put in front, with its arguments: `['setpriv', …]`. */
  wrapper?: string[];
  input?: string;
}

export interface ChildResult {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** What was written to each fd. */
  output: (Buffer | null)[];
}

/**
 * Runs TypeScript in a Node process of its own, as davit's are started, with the repository as its
 * directory: imports read `./src/…`. What a stage does to its process it does to that one.
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

/** As runChild, of source that must succeed; its output as lines. */
export function linesOf(source: string, options: ChildOptions = {}): string[] {
  const { status, signal, stdout, stderr } = runChild(source, options);
  if (status !== 0) throw new Error(`status ${status}, signal ${signal}: ${stderr}`);
  return stdout.trimEnd().split('\n');
}

/** `Name:\tvalue` lines of /proc/PID/status. */
export function statusFields(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', value = ''] = line.split(/:\s*/, 2);
      return [name, value];
    }),
  );
}
