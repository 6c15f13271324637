import { constants } from 'node:os';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { checkSignal, checkTerminalSize } from '../check-options.ts';
import { Capture } from './capture.ts';
import type { Started, StdioKind, StdioKinds, TerminalSize } from './operations.ts';
import type { ProgramOptions } from './options.ts';
import {
  type Interruption,
  ProgramInterrupted,
  type ProgramResult,
  programEnd,
} from './program-result.ts';

const { SIGKILL } = constants.signals;
const DEFAULT_MAX_BUFFER = 16 * 1024 * 1024;
/** Milliseconds to read what a killed program wrote: a process that it left may hold the pipe open. */
const REST = 100;

/** The kinds of a program's stdio. */
export function stdioKinds({ input, stdin, stdout, stderr }: ProgramOptions): StdioKinds {
  const source = input === undefined ? (stdin ?? 'ignore') : 'pipe';
  return [kindOf(source), kindOf(stdout), kindOf(stderr)];
}

const kindOf = (given: ProgramOptions['stdin'] | ProgramOptions['stdout']): StdioKind =>
  given === 'inherit' || given === 'ignore' ? given : 'pipe';

/**
 * A program in a container. `await` gives its {@link ProgramResult}, or rejects with what went wrong
 * before the program ran, or with {@link ProgramInterrupted}.
 */
export class RunningProgram implements PromiseLike<ProgramResult> {
  /** The program's standard input, with `stdin: 'pipe'`. */
  readonly stdin: PassThrough | undefined;
  /** The program's standard output, with `stdout: 'pipe'`. */
  readonly stdout: PassThrough | undefined;
  /** The program's standard error, with `stderr: 'pipe'`. */
  readonly stderr: PassThrough | undefined;
  readonly #started: Started;
  readonly #result: Promise<ProgramResult>;
  #captures: (Capture | undefined)[] = [];
  #interruption: { because: Interruption; cause: unknown } | undefined;
  #interrupted = (): void => {};

  /** @internal */
  constructor(started: Started, options: ProgramOptions) {
    this.#started = started;
    const { stdin, stdout, stderr } = options;
    this.stdin = stdin === 'pipe' && options.input === undefined ? new PassThrough() : undefined;
    this.stdout = stdout === 'pipe' ? new PassThrough() : undefined;
    this.stderr = stderr === 'pipe' ? new PassThrough() : undefined;
    this.#result = this.#await(options);
  }

  // biome-ignore lint/suspicious/noThenProperty: as a promise, it is the program's result.
  then<Result = ProgramResult, Failure = never>(
    fulfilled?: ((result: ProgramResult) => Result | PromiseLike<Result>) | null,
    rejected?: ((reason: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<Result | Failure> {
    return this.#result.then(fulfilled, rejected);
  }

  catch<Failure = never>(
    rejected?: ((reason: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<ProgramResult | Failure> {
    return this.#result.catch(rejected);
  }

  finally(settled?: (() => void) | null): Promise<ProgramResult> {
    return this.#result.finally(settled);
  }

  /** Sends a signal, by its number, to the program. */
  async kill(signal: number): Promise<void> {
    checkSignal('program.kill', signal);
    await this.#started.kill(signal);
  }

  /** Changes the size of the program's terminal. */
  resize(size: TerminalSize): void {
    checkTerminalSize('program.resize', size);
    if (!this.#started.resize) throw new TypeError('program.resize: the program has no terminal');
    this.#started.resize(size);
  }

  async #await(options: ProgramOptions): Promise<ProgramResult> {
    const { signal, timeout } = options;
    const abort = (): void => this.#interrupt('aborted', signal!.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    const timer = timeout && setTimeout(() => this.#interrupt('timeout'), timeout);
    try {
      await this.#connect(options);
      const exitCode = await this.#status();
      await this.#readAll();
      const [stdout = '', stderr = ''] = this.#captures.map((capture) => capture?.text);
      const result = { ...programEnd(exitCode), stdout, stderr };
      if (!this.#interruption) return result;
      const { because, cause } = this.#interruption;
      throw new ProgramInterrupted(because, result, cause);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      for (const capture of this.#captures) capture?.stop();
    }
  }

  /** Connects the program's stdio, once it is there. */
  async #connect(options: ProgramOptions): Promise<void> {
    const { maxBuffer = DEFAULT_MAX_BUFFER } = options;
    try {
      const { stdin, stdout, stderr } = await this.#started.streams;
      if (stdin) feed(stdin, options.input, this.stdin ?? options.stdin);
      this.#captures = [
        this.#deliver(stdout, this.stdout, options.stdout, maxBuffer),
        this.#deliver(stderr, this.stderr, options.stderr, maxBuffer),
      ];
    } catch {
      // `status` rejects with the reason.
      for (const stream of [this.stdout, this.stderr]) stream?.end();
    }
  }

  /** Sends what the program writes to where it is asked for. */
  #deliver(
    from: Readable | null,
    piped: PassThrough | undefined,
    sink: ProgramOptions['stdout'],
    maxBuffer: number,
  ): Capture | undefined {
    if (!from) return undefined;
    if ((sink ?? 'capture') === 'capture')
      return new Capture(from, maxBuffer, () => this.#interrupt('maxBuffer'));
    if (piped) from.pipe(piped);
    // The caller's stream may have other users.
    else if (typeof sink === 'object') from.pipe(sink, { end: false });
    else from.resume();
    return undefined;
  }

  /** A program that is killed before it runs has no status: its end is reported as a kill. */
  async #status(): Promise<number> {
    try {
      return await this.#started.status;
    } catch (error) {
      if (!this.#interruption) throw error;
      return 128 + SIGKILL;
    }
  }

  /** Waits for the ends of what is captured; not for long once the program is interrupted. */
  async #readAll(): Promise<void> {
    const all = Promise.all(this.#captures.map((capture) => capture?.end));
    const interrupted = new Promise<void>((resolve) => {
      this.#interrupted = resolve;
      if (this.#interruption) resolve();
    });
    const rest = interrupted.then(() => delay(REST));
    // Timers come before the pipes: on a busy machine these have not been looked at yet.
    const read = rest.then(() => setImmediate());
    await Promise.race([all, read]);
  }

  #interrupt(because: Interruption, cause?: unknown): void {
    if (this.#interruption) return;
    this.#interruption = { because, cause };
    this.#interrupted();
    // The program may have ended meanwhile.
    this.#started.abort().catch(() => {});
  }
}

function feed(to: Writable, input: ProgramOptions['input'], source: ProgramOptions['stdin']): void {
  // A program need not read all, or anything.
  to.on('error', () => {});
  if (input !== undefined) to.end(input);
  else if (typeof source === 'object') source.pipe(to);
  else to.end();
}
