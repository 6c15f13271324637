import { existsSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { Bundle } from '../../support/bundle.ts';
import type { Result } from '../../support/command.ts';
import { patience } from '../../support/patience.ts';
import { whatIsLeft } from '../../support/run/leftovers.ts';
import { type Command, davitArgv, programFailed } from './commands.ts';
import { Injector, type SeenCall } from './injector.ts';
import { isOfNode, neverFails } from './left-out.ts';
import { nameOf, numberOf } from './syscall-numbers.ts';

/** The result of a command in which one system call failed. */
export interface Outcome {
  command: string;
  call: string;
  process: number;
  nth: number;
  detail: string;
  errno: string;
  /** Whether the call was made: the order of calls may change between runs. */
  reached: boolean;
  status: number | undefined;
  stderr: string;
  problems: string[];
}

const LIMIT = patience(5000);

/** Tries one command with its own container. */
export class Trials {
  readonly command: Command;
  readonly bundle = new Bundle({ args: ['sleep', '1000'] });

  constructor(command: Command) {
    this.command = command;
  }

  /** The system calls of davit's own processes, in order. */
  calls(): SeenCall[] {
    this.command.prepare(this.bundle);
    const injector = this.#start();
    injector.finish(LIMIT);
    const { seen, status, stderr } = injector;
    this.#remove();
    injector.close();
    if (status !== 0) throw new Error(`${this.command.name}: ${status}: ${stderr}`);
    return ofDavit(seen);
  }

  async try(call: SeenCall, errno: string): Promise<Outcome> {
    const { bundle, command } = this;
    rmSync(join(bundle.dir, 'pid'), { force: true });
    command.prepare(bundle);
    const before = new Set(whatIsLeft(bundle.id));
    const injector = this.#start({ ...call, errno: constants.errno[errno as 'EIO'] });
    const problems: string[] = [];
    try {
      if (!injector.finish(LIMIT)) problems.push('hangs');
      const { status, stdout, stderr, reached } = injector;
      if (status === 0) {
        const done = { status, stdout, stderr, signal: null };
        const wrong = await injector.during(Promise.resolve(this.#whatIsWrong(call, done)));
        if (wrong) problems.push(wrong);
      } else if (status !== undefined) problems.push(...whatIsWrongWith(stderr, status));
      problems.push(...this.#whatIsLeft(before, status));
      return {
        ...{ command: command.name, call: nameOf(call.nr), process: call.process, nth: call.nth },
        ...{ detail: call.detail, errno, reached, status, stderr, problems },
      };
    } finally {
      injector.close();
    }
  }

  /** Returns the problem after the command reported success. */
  #whatIsWrong(call: SeenCall, done: Result): string | undefined {
    const { bundle, command } = this;
    if (isProgramOf(command, call)) return programFailed(bundle, done);
    const said = withoutWarnings(done.stderr);
    return (
      command.check(bundle, done) ?? (/\S/.test(said) ? `success, but says ${said}` : undefined)
    );
  }

  close(): void {
    this.#remove();
    rmSync(this.bundle.dir, { recursive: true, force: true });
  }

  #start(fault?: SeenCall & { errno: number }): Injector {
    const { bundle, command } = this;
    const argv = davitArgv(['--root', bundle.root, ...command.args(bundle)]);
    const env = {
      PATH: process.env.PATH!,
      DAVIT_TRACE_DIR: bundle.traces,
      ...(process.env.DAVIT_TEST_RUN && { DAVIT_TEST_RUN: process.env.DAVIT_TEST_RUN }),
    };
    return new Injector({ argv, env, cwd: bundle.dir, fault });
  }

  /**
   * What the command left. An exec or kill may leave the container as it was; the other commands
   * nothing, at the latest after `delete --force`.
   */
  #whatIsLeft(before: ReadonlySet<string>, status: number | undefined): string[] {
    const { bundle, command } = this;
    if (['exec', 'kill'].includes(command.name) && status !== undefined) {
      const more = whatIsLeft(bundle.id).filter((line) => !before.has(line));
      if (more.length === 0) return [];
      this.#remove();
      return more.map((line) => `beside the container: ${line}`);
    }
    const problem = this.#remove();
    const left = whatIsLeft(bundle.id).map((line) => `left: ${line}`);
    if (existsSync(join(bundle.root, bundle.id))) left.push('left: the state directory');
    return problem ? [problem, ...left] : left;
  }

  #remove(): string | undefined {
    const { bundle } = this;
    if (!existsSync(join(bundle.root, bundle.id)) && whatIsLeft(bundle.id).length === 0) return;
    const { status, stderr } = bundle.runtime('delete', '--force', bundle.id);
    return status === 0 ? undefined : `delete --force: ${stderr}`;
  }
}

/**
 * Drops calls before the loader opens main.js, and in other processes calls after their last exec.
 */
function ofDavit(seen: readonly SeenCall[]): SeenCall[] {
  const first = seen.findIndex((call) => call.process === 0 && /\/main\.js"$/.test(call.detail));
  const execs = ['execve', 'execveat'].map(numberOf);
  const last = new Map<number, number>();
  seen.forEach(({ process, nr }, i) => {
    if (execs.includes(nr)) last.set(process, i);
  });
  return seen.filter(
    (call, i) =>
      (call.process === 0 ? i >= first : i <= (last.get(call.process) ?? seen.length)) &&
      !neverFails(nameOf(call.nr)) &&
      !isOfNode(nameOf(call.nr), call.detail),
  );
}

/**
 * With `run --detach`, as in runc, success is right if the program cannot be executed: its stderr
 * says so.
 */
const isProgramOf = ({ name }: Command, { nr, detail }: SeenCall): boolean =>
  name === 'run' && ['execve', 'execveat'].includes(nameOf(nr)) && detail === '"/bin/sleep"';

const withoutWarnings = (stderr: string): string =>
  stderr.replace(/^time="[^"]*" level=warning .*$/gm, '');

/** Checks for one line that says what failed, with at most a hint below it. */
function whatIsWrongWith(stderr: string, status: number): string[] {
  const lines = withoutWarnings(stderr).split('\n').filter(Boolean);
  const problems: string[] = [];
  if (isAbortOfNode(status, stderr)) return [];
  if (status > 128 && status !== 255) problems.push(`ended by signal ${status - 128}`);
  if (lines.length === 0) problems.push(`status ${status} without a word`);
  if (lines.length > 2) problems.push(`${lines.length} lines`);
  if (UNCLEAR.test(stderr)) problems.push('unclear');
  if (
    lines.length > 0 &&
    !/^davit: \w+ \S+: .*(\bE[A-Z0-9]{2,}\b|[a-z]{3} [a-z]{2})/.test(lines[0]!)
  ) {
    problems.push('does not begin with davit: COMMAND ID');
  }
  return problems;
}

/**
 * True if Node aborted. libuv aborts if it cannot wake its own loop, and Node if close(2) fails
 * after reading a file as UTF-8. No file system that davit reads from fails so, and JavaScript
 * cannot prevent it.
 */
const isAbortOfNode = (status: number, stderr: string): boolean =>
  status === 128 + constants.signals.SIGABRT && (stderr === '' || /node::|uv_/.test(stderr));

const UNCLEAR =
  /undefined|\[object|Cannot (read|destructure)|TypeError|is not a function|Unknown error|^\s+at |node:internal|Assertion|: [,:]/m;
