import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { REPORT_FD } from '../../machine/reaper/data.ts';
import { formatAddress } from '../link/address.ts';
import type { DavitMessage, ProgramMessage } from '../link/messages.ts';
import type { ProgramEnd } from '../link/program-end.ts';
import type { StdioKind, TerminalSize } from '../operations.ts';
import { type Exit, ReaperReports } from './reaper-reports.ts';

/** How davit's program is called. */
interface CallRequest {
  /** The path of davit's program, and the words before the command. */
  program: readonly [path: string, ...flags: string[]];
  /** The command and its arguments. */
  words: readonly [command: string, ...args: string[]];
  environment: NodeJS.ProcessEnv;
  /** What fds 0, 1 and 2 are, and further ones if there are any. */
  stdio: readonly StdioKind[];
  /** The path of the reaper that starts davit, if one does. */
  reaper?: string;
  /** The events that davit sends, and the questions that it asks. */
  events: readonly string[];
  questions: readonly string[];
  /** The size of the terminal that the container's program gets, if it gets one. */
  terminal?: TerminalSize | undefined;
  receive(message: DavitMessage, answer: (message: ProgramMessage) => void): void;
}

/** davit has executed the container's program: from here on it only waits. */
const STARTED = 'exec:after';

/** Milliseconds to wait for the last message of a davit that has ended. */
const LAST_MESSAGE = 1000;

/** One command that davit's program carries out. */
export class Call {
  readonly child: ChildProcess;
  /** Its exit status. Rejects with the error of the command. */
  readonly status: Promise<number>;
  /** Settles when the container's program has been executed, or the command has ended. */
  readonly started: Promise<void>;
  /** The reports of the reaper, if there is one. */
  readonly reports: ReaperReports | undefined;
  readonly #request: CallRequest;
  #last: Extract<DavitMessage, { type: 'ended' | 'failed' }> | undefined;
  #exited: Exit | undefined;
  #told = (): void => {};
  #start = (): void => {};
  #answer: ((message: ProgramMessage) => void) | undefined;
  /** The size that davit has not been told of yet. */
  #size: TerminalSize | undefined;

  constructor(request: CallRequest, link: ProgramEnd) {
    const { program, words, environment, reaper, events, questions, terminal } = request;
    const call = link.add({
      connected: (answer) => this.#connected(answer),
      receive: (message, answer) => this.#receive(message, answer),
    });
    const address = formatAddress({
      socket: link.path,
      call,
      events: [...new Set([...events, STARTED])],
      questions,
      ...(terminal && { terminal }),
    });
    this.#request = request;
    const davit = [...program, '--embedded-by', address, ...words];
    const [path, ...args] = reaper === undefined ? davit : [reaper, ...davit];
    this.child = spawn(path!, args, { stdio: stdioOf(request), env: environment });
    const socket = reaper === undefined ? undefined : this.child.stdio[REPORT_FD];
    this.reports = socket ? new ReaperReports(socket as Socket) : undefined;
    this.started = new Promise((resolve) => {
      this.#start = resolve;
    });
    this.status = this.#wait().finally(() => {
      link.remove(call);
      this.#start();
    });
  }

  /** Changes the size of the program's terminal. */
  resize({ rows, columns }: TerminalSize): void {
    if (this.#answer) this.#answer({ type: 'resize', rows, columns });
    else this.#size = { rows, columns };
  }

  #connected(answer: (message: ProgramMessage) => void): void {
    this.#answer = answer;
    if (this.#size) this.resize(this.#size);
  }

  #receive(message: DavitMessage, answer: (message: ProgramMessage) => void): void {
    if (message.type !== 'ended' && message.type !== 'failed') {
      this.#request.receive(message, answer);
      if (message.type === 'event' && message.event === STARTED) this.#start();
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

  /** Waits until davit has ended. */
  async #exit(): Promise<void> {
    const failed = new Promise<never>((_, reject) => {
      this.child.once('error', (cause) => {
        const { spawnfile } = this.child;
        const hint = 'build or install davit again';
        reject(
          new RuntimeError(`davit cannot be started: ${spawnfile}: ${cause.message}`, hint, {
            cause,
          }),
        );
      });
    });
    const exited = new Promise<Exit>((resolve) => {
      this.child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    this.#exited = await Promise.race([failed, this.reports ? this.reports.davit : exited]);
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

/** The reaper's report comes after all others. */
function stdioOf({ stdio, reaper }: CallRequest): StdioKind[] {
  if (reaper === undefined) return [...stdio];
  return [...Array.from({ length: REPORT_FD }, (_, fd) => stdio[fd] ?? 'ignore'), 'pipe'];
}
