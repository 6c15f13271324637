import { join } from 'node:path';
import type { LifecycleBus } from '../../bus/bus.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { SOCKET_VARIABLE } from '../../machine/front/door.ts';
import { packageDirectory } from '../../own-files.ts';
import { activeSpan } from '../../trace/record/program.ts';
import { traceEnvironment } from '../../trace/record/trace-context.ts';
import type { DavitMessage, ProgramMessage } from '../link/messages.ts';
import { ProgramEnd } from '../link/program-end.ts';
import type { StdioKind, TerminalSize } from '../operations.ts';
import type { PrivateFiles } from '../private-files.ts';
import { Call } from './call.ts';
import { OwnServer } from './own-server.ts';
import { startTurns } from './start-turns.ts';

const DIST = join(packageDirectory, 'dist');
/** The programs of davit's build for this machine. */
const FRONT = join(DIST, `davit-${process.arch}`);
const REAPER = join(DIST, `davit-reaper-${process.arch}`);

export interface DavitProgramOptions {
  root: string;
  systemdCgroup: boolean;
  bus: LifecycleBus;
  server: 'found' | 'own' | 'none';
  environment: () => NodeJS.ProcessEnv;
  files: PrivateFiles;
}

/** What is asked of davit's program. */
export interface Request {
  words: readonly [command: string, ...args: string[]];
  stdio: readonly StdioKind[];
  /** The size of the terminal that the container's program gets, if it gets one. */
  terminal?: TerminalSize | undefined;
  /** Whether to hear of the ends of the processes that davit leaves. */
  reaped?: boolean;
  /** Called with each event, before the program's listeners. */
  onEvent?: (event: string, payload: unknown) => void;
  /** Further events that are wanted. */
  events?: readonly string[];
}

/** Starts davit's program for one command after the other. Its listeners hear of the events. */
export class DavitProgram {
  readonly #options: DavitProgramOptions;
  #server: OwnServer | undefined;
  #link: ProgramEnd | undefined;

  constructor(options: DavitProgramOptions) {
    this.#options = options;
  }

  /** Starts a command when it is its turn. Resolves once davit's process is there. */
  async start(request: Request): Promise<Call> {
    const started = await startTurns.take();
    try {
      const call = this.#call(request);
      call.started.then(started);
      return call;
    } catch (error) {
      started();
      throw error;
    }
  }

  #call(request: Request): Call {
    const { words, stdio, terminal, reaped, onEvent, events = [] } = request;
    const { root, systemdCgroup, bus, environment, files } = this.#options;
    this.#link ??= new ProgramEnd(files.directory);
    const span = activeSpan();
    const questions = bus.questions;
    for (const question of questions) refuseHookQuestion(question);
    return new Call(
      {
        program: [FRONT, '--root', root, ...(systemdCgroup ? ['--systemd-cgroup'] : [])],
        words,
        stdio,
        terminal,
        ...(reaped && { reaper: REAPER }),
        environment: {
          ...environment(),
          ...(span && traceEnvironment(span)),
          ...this.#serverVariable(),
        },
        events: [...bus.events, ...events],
        questions,
        receive: (message, answer) => {
          if (message.type === 'event') onEvent?.(message.event, message.payload);
          this.#receive(message, answer);
        },
      },
      this.#link,
    );
  }

  /** Ends the server, and stops listening for davits. */
  async close(): Promise<void> {
    await this.#server?.end();
    this.#server = undefined;
    this.#link?.[Symbol.dispose]();
    this.#link = undefined;
  }

  /** Names the server to ask, which is started at the first use. */
  #serverVariable(): Record<string, string> {
    const { server, files, environment } = this.#options;
    if (server === 'found') return {};
    if (server === 'none') return { [SOCKET_VARIABLE]: '' };
    const socket = join(files.directory, 'server');
    this.#server ??= new OwnServer(FRONT, socket, environment());
    return { [SOCKET_VARIABLE]: socket };
  }

  #receive(message: DavitMessage, answer: (message: ProgramMessage) => void): void {
    const { bus } = this.#options;
    if (message.type === 'event')
      bus.emit(message.event as 'stage:after', message.payload as never);
    if (message.type !== 'ask') return;
    const { id } = message;
    bus.ask(message.question as never, message.about as never).then(
      () => answer({ type: 'answer', id }),
      (error: unknown) =>
        answer({
          type: 'answer',
          id,
          error: error instanceof Error ? error : new Error(String(error)),
        }),
    );
  }
}

/** Throws for the question of a hook: it holds functions, which another process cannot call. */
function refuseHookQuestion(question: string): void {
  if (question.includes(':')) return;
  throw new RuntimeError(
    `${question} cannot be intercepted in another process`,
    'give new Davit the option inProcess: true, or use a plugin',
  );
}
