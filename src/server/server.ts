import { closeSync } from 'node:fs';
import { type Invocation, LeftToCaller } from '../cli/invocation.ts';
import type { Environment } from '../config/environment.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { accept, type Received, SOCK_NONBLOCK } from '../syscalls/network/socket.ts';
import { type FdWatch, watchFd } from '../syscalls/poll/fd-watch.ts';
import { POLLIN } from '../syscalls/poll/poll.ts';
import type { ReplacementProgram } from '../syscalls/switch/switch.ts';
import { WNOHANG, waitpid } from '../syscalls/task/process.ts';
import { CallerCheck } from './caller-check.ts';
import { Connection } from './connection.ts';
import { dropStartupPages } from './drop-startup-pages.ts';
import type { Listening } from './listen.ts';
import { readRequest } from './request.ts';
import { ServedInvocation } from './served-invocation.ts';
import { Statistics } from './statistics.ts';

/** A message of a Unix socket is not longer than its buffer: net.core.wmem_default, usually. */
const MAX_REQUEST = 256 * 1024;
/** How often to look for exporters that have ended. */
const REAP_MS = 1000;
/** After so many commands the server has loaded what most commands need. */
const STARTING_COMMANDS = 30;
/** How long to wait for fds or memory that accept(2) lacks. */
const SHORTAGE_MS = 100;

export interface ServerOptions {
  /** Runs one command. Returns its exit status. */
  run: (invocation: Invocation) => Promise<number>;
  listening: Listening;
  /** The name of this build: fronts of another are left to themselves. */
  build: string;
  /** Whether another build has been installed in its place. */
  isReplaced: (build: string) => boolean;
  /** What this process executes if a helper takes its thread of JavaScript away. */
  replacement: ReplacementProgram | undefined;
  /** Milliseconds without a command after which the server ends. */
  idleTimeout: number | undefined;
  davit: Invocation['davit'];
  environment: Environment;
  /** Ends the server when it is aborted. */
  until: AbortSignal;
}

/** Runs commands for the fronts that connect, one after the other and side by side. */
export class Server {
  readonly #options: ServerOptions;
  readonly #callers = new CallerCheck();
  readonly #statistics = new Statistics();
  readonly #buffer = Buffer.alloc(MAX_REQUEST);
  readonly #running = new Set<Promise<void>>();
  #reaped = 0;
  /** Commands until {@link dropStartupPages}. */
  #starting = STARTING_COMMANDS;
  #replaced = false;
  #watch: FdWatch | undefined;
  #idle: NodeJS.Timeout | undefined;
  #shortage: NodeJS.Timeout | undefined;
  #end = (): void => {};

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /**
   * Serves until it is told to end, or idle. Then waits for the commands under way. True when it
   * ended because another build has been installed: the socket still exists, for that one.
   */
  async run(): Promise<boolean> {
    const { listening, idleTimeout, until } = this.#options;
    const { promise: over, resolve } = Promise.withResolvers<void>();
    this.#end = resolve;
    if (until.aborted) resolve();
    until.addEventListener('abort', () => resolve(), { once: true });
    const endIfIdle = () => this.#running.size === 0 && resolve();
    if (idleTimeout !== undefined) this.#idle = setInterval(endIfIdle, idleTimeout);
    // A server that was executed anew because its helper was killed still has this child.
    reapChildren();
    this.#listen();
    await over;
    clearInterval(this.#idle);
    clearTimeout(this.#shortage);
    this.#watch?.end();
    if (!this.#replaced) listening.close();
    await Promise.all(this.#running);
    return this.#replaced;
  }

  /** Commands of this build may last, as `run` does: fronts of another one do not wait for them. */
  get #isDone(): boolean {
    return this.#replaced && this.#running.size === 0;
  }

  /** Accepts a front in each turn of the event loop in which one waits. */
  #listen(): void {
    const { fd } = this.#options.listening;
    this.#watch = watchFd({ fd, events: POLLIN }, () => this.#accept());
  }

  #accept(): void {
    this.#idle?.refresh();
    try {
      this.#start(accept(this.#options.listening.fd, SOCK_NONBLOCK));
    } catch (error) {
      if (hasErrno(error, 'ECONNABORTED', 'EAGAIN')) return;
      this.#watch?.end();
      this.#shortage = setTimeout(() => this.#listen(), SHORTAGE_MS);
    }
  }

  #start(socket: number): void {
    const start = process.hrtime.bigint();
    const served = this.#serve(new Connection(socket), start).finally(() => {
      this.#running.delete(served);
      if (this.#isDone) this.#end();
      this.#reapExporters();
      if (--this.#starting === 0) dropStartupPages();
    });
    this.#running.add(served);
  }

  /** Exporters are the only children that no command waits for. */
  #reapExporters(): void {
    const now = performance.now();
    if (this.#running.size > 0 || now - this.#reaped < REAP_MS) return;
    this.#reaped = now;
    reapChildren();
  }

  /** Answers one front. A failure ends this answer only, not the server. */
  async #serve(connection: Connection, start: bigint): Promise<void> {
    let fds: readonly number[] = [];
    try {
      this.#callers.check(connection.socket);
      const received = await connection.receive(this.#buffer);
      fds = received.fds;
      await this.#runCommand(connection, received, start);
    } catch (error) {
      if (error instanceof LeftToCaller) this.#statistics.left(error.message);
      else this.#statistics.left(`the server failed: ${(error as Error).message}`);
      await connection.sendCold().catch(() => {});
    } finally {
      for (const fd of fds) closeSync(fd);
      connection.close();
    }
  }

  async #runCommand(connection: Connection, received: Received, start: bigint): Promise<void> {
    const { build, davit, environment, listening, replacement } = this.#options;
    const request = readRequest(received, build);
    if (!request) {
      this.#replaced ||= this.#options.isReplaced(build);
      throw new LeftToCaller('its front is of another build');
    }
    const invocation = new ServedInvocation(request, {
      ...{ connection, start, davit, replacement, timeZone: environment.TZ },
      server: { status: () => this.#statistics.describe(listening.path) },
    });
    const status = await this.#options.run(invocation);
    invocation.permit();
    this.#statistics.served(invocation.command, Number(process.hrtime.bigint() - start) / 1e6);
    const { stdout, stderr, initParent } = invocation;
    await connection.sendOutput(1, stdout.bytes);
    await connection.sendOutput(2, stderr.bytes);
    await connection.sendExit(status, initParent.reapedAtExit(status));
  }
}

function reapChildren(): void {
  try {
    while (waitpid(-1, WNOHANG) !== undefined);
  } catch (error) {
    if (!hasErrno(error, 'ECHILD')) throw error;
  }
}
