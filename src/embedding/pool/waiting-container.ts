import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { FieldError, StageError } from '../../errors/stage-error.ts';
import { SyscallError } from '../../errors/syscall-error.ts';
import { FAILED, REPORT_SIZE } from '../../machine/launcher/data.ts';
import type { InitEnd, Started, StdioStreams } from '../operations.ts';
import { type LaunchCommand, launchMessage } from './launch-image.ts';

/** The init of a container that waits for its command. */
export interface WaitingInit {
  readonly pid: number;
  readonly streams: StdioStreams;
  /** The launcher's COMMAND_FD. The init ends with it. */
  readonly command: Socket;
  readonly end: InitEnd;
}

/** A container whose init waits for the program that it is to execute. */
export class WaitingContainer {
  readonly id: string;
  /** Settles when init has executed its program, or has ended. */
  readonly launched: Promise<unknown>;
  readonly #init: WaitingInit;
  /** `NAME=value`, as davit has made it for the container's program. */
  readonly #env: readonly string[];
  #ended = false;

  constructor(id: string, init: WaitingInit) {
    this.id = id;
    this.#init = init;
    this.#env = readFileSync(`/proc/${init.pid}/environ`, 'utf8').split('\0').filter(Boolean);
    init.command.on('error', () => {});
    this.launched = new Promise((resolve) => init.command.once('close', resolve));
    this.hold(false);
    void init.end.status.then(() => {
      this.#ended = true;
    });
  }

  /** Settles when init has ended. */
  get end(): Promise<unknown> {
    return this.#init.end.status;
  }

  /** Has init execute a program. */
  start(args: readonly string[], env: Readonly<Record<string, string>>, cwd?: string): Started {
    this.hold(true);
    const inherited = this.#env.filter((it) => !Object.hasOwn(env, it.slice(0, it.indexOf('='))));
    const added = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const command = { args, env: [...inherited, ...added], cwd };
    return {
      streams: Promise.resolve(this.#init.streams),
      status: this.#execute(command),
      kill: async (signal) => {
        await this.launched;
        this.#kill(signal);
      },
      abort: async () => this.#kill(constants.signals.SIGKILL),
    };
  }

  #kill(signal: number): void {
    if (!this.#ended) process.kill(this.#init.pid, signal);
  }

  /** Ends an init that has no command yet. */
  dismiss(): void {
    this.#init.command.destroy();
  }

  /** Whether it keeps this program alive. */
  hold(alive: boolean): void {
    const { command, end, streams } = this.#init;
    end.hold(alive);
    const sockets = [command, streams.stdin, streams.stdout, streams.stderr] as Socket[];
    for (const socket of sockets) {
      if (alive) socket.ref();
      else socket.unref();
    }
  }

  async #execute(command: LaunchCommand): Promise<number> {
    const { command: socket, end } = this.#init;
    const report = reportFrom(socket);
    socket.write(launchMessage(command));
    const failure = await report;
    const status = await end.status;
    if (failure) throw failureOf(failure, command);
    // Unknown if the reaper was killed.
    return status ?? 0;
  }
}

/** What the launcher says; undefined once it has executed the program. */
function reportFrom(socket: Socket): Promise<Buffer | undefined> {
  let report = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    report = Buffer.concat([report, chunk]);
  });
  return new Promise((resolve) => {
    socket.once('close', () => resolve(report.length >= REPORT_SIZE ? report : undefined));
  });
}

/** The failure as `davit run` has it. */
function failureOf(report: Buffer, { args, cwd }: LaunchCommand): StageError {
  const errno = report.readInt32LE(4);
  const [code, reason] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, 'unknown'];
  const isCwd = report.readInt32LE(0) === FAILED.chdir;
  const [syscall, field, call] = isCwd
    ? ['chdir', 'process.cwd', `chdir ${cwd}`]
    : ['execve', 'process.args[0]', `exec ${args[0]}`];
  const cause = new SyscallError({ code, errno, syscall: syscall!, call: call!, reason });
  return new StageError('exec', new FieldError(field!, cause));
}
