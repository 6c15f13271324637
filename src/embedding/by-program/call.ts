import { type ChildProcess, spawn } from 'node:child_process';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { formatAddress } from '../link/address.ts';
import type { DavitMessage, ProgramMessage } from '../link/messages.ts';
import type { ProgramEnd } from '../link/program-end.ts';
import type { StdioKind } from '../operations.ts';

/** How davit's program is called. */
export interface CallRequest {
  /** The path of davit's program, and the words before the command. */
  program: readonly [path: string, ...flags: string[]];
  /** The command and its arguments. */
  words: readonly [command: string, ...args: string[]];
  environment: NodeJS.ProcessEnv;
  stdio: readonly StdioKind[];
  /** The events that davit sends, and the questions that it asks. */
  events: readonly string[];
  questions: readonly string[];
  receive(message: DavitMessage, answer: (message: ProgramMessage) => void): void;
}

/** Milliseconds to wait for the last message of a davit that has ended. */
const LAST_MESSAGE = 1000;

/** One command that davit's program carries out. */
export class Call {
  readonly child: ChildProcess;
  /** Its exit status. Rejects with the error of the command. */
  readonly status: Promise<number>;
  readonly #request: CallRequest;
  #last: Extract<DavitMessage, { type: 'ended' | 'failed' }> | undefined;
  #exited: { code: number | null; signal: NodeJS.Signals | null } | undefined;
  #told = (): void => {};

  constructor(request: CallRequest, link: ProgramEnd) {
    const { program, words, environment, stdio, events, questions } = request;
    const [path, ...flags] = program;
    const call = link.add({ receive: (message, answer) => this.#receive(message, answer) });
    const address = formatAddress({ socket: link.path, call, events, questions });
    this.#request = request;
    this.child = spawn(path, [...flags, '--embedded-by', address, ...words], {
      stdio: [...stdio],
      env: environment,
    });
    this.status = this.#wait().finally(() => link.remove(call));
  }

  #receive(message: DavitMessage, answer: (message: ProgramMessage) => void): void {
    if (message.type !== 'ended' && message.type !== 'failed') {
      this.#request.receive(message, answer);
      return;
    }
    this.#last = message;
    if (this.#exited) this.#told();
  }

  async #wait(): Promise<number> {
    await this.#exit();
    // What davit sent before it ended may not have been read yet.
    if (!this.#last) await this.#lastMessage();
    if (this.#last?.type === 'failed') throw this.#last.error;
    if (this.#last?.type === 'ended') return this.#last.status;
    throw this.#endedSilently();
  }

  #exit(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.child.once('error', (cause) => {
        const [path] = this.#request.program;
        const hint = 'build or install davit again';
        reject(
          new RuntimeError(`davit cannot be started: ${path}: ${cause.message}`, hint, { cause }),
        );
      });
      this.child.once('exit', (code, signal) => {
        this.#exited = { code, signal };
        resolve();
      });
    });
  }

  #lastMessage(): Promise<void> {
    return new Promise((resolve) => {
      this.#told = resolve;
      // After the timer, what has arrived meanwhile is read.
      setTimeout(() => setImmediate(() => setImmediate(resolve)), LAST_MESSAGE);
    });
  }

  #endedSilently(): RuntimeError {
    const { code, signal } = this.#exited!;
    const how = signal ? `was killed by ${signal}` : `ended with status ${code}`;
    return new RuntimeError(
      `davit ${this.#request.words[0]} ${how}, and did not say why`,
      'davit trace shows how far it came',
    );
  }
}
