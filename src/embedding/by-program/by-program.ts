import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { text } from 'node:stream/consumers';
import type { ContainerEvent } from '../../bus/events.ts';
import type { CgroupStats } from '../../cgroups/usage/stats.ts';
import type { CheckpointOptions, CriuOptions } from '../../checkpoint/options.ts';
import { parseJson, stringifyJson } from '../../config/json.ts';
import type { LinuxResources } from '../../config/types.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { COMMAND_FD } from '../../machine/launcher/data.ts';
import type { ContainerState } from '../../operations/observe/state.ts';
import { readRecord } from '../../state/store.ts';
import { shellStatus } from '../../syscalls/task/wait-status.ts';
import type {
  CreatedInit,
  Exec,
  InitEnd,
  Launch,
  Operations,
  Started,
  TerminalSize,
} from '../operations.ts';
import type { WaitingInit } from '../pool/waiting-container.ts';
import type { PrivateFiles } from '../private-files.ts';
import type { Call } from './call.ts';
import { checkpointWords, criuWords } from './criu-words.ts';
import { DavitProgram, type DavitProgramOptions } from './davit-program.ts';
import { watchInit } from './watch-init.ts';

/** Each operation is a command of davit's program, in a process of its own or in a server. */
export class ByProgram implements Operations {
  readonly #program: DavitProgram;
  readonly root: string;
  readonly #files: PrivateFiles;
  /** The ends of the inits that this program has created, by container. */
  readonly #ends = new Map<string, InitEnd>();

  constructor(options: DavitProgramOptions) {
    this.#program = new DavitProgram(options);
    this.root = options.root;
    this.#files = options.files;
  }

  create(launch: Launch): Promise<CreatedInit> {
    return this.#make(['create'], launch, 'created');
  }

  async checkpoint(id: string, options: CheckpointOptions): Promise<void> {
    await this.#ask(['checkpoint', ...checkpointWords(options), id]);
  }

  restore(launch: Launch, options: CriuOptions): Promise<CreatedInit> {
    return this.#make(['restore', '--detach', ...criuWords(options)], launch, 'running');
  }

  /** Makes a container that outlives the command. */
  async #make(
    words: readonly [string, ...string[]],
    launch: Launch,
    status: 'created' | 'running',
  ): Promise<CreatedInit> {
    let init = 0;
    const call = await this.#launch(words, launch, status, ({ pid = 0 }) => {
      init = pid;
    });
    await call.status;
    const end = endOf(call, init);
    this.#ends.set(launch.id, end);
    return { streams: call.child, end };
  }

  /** Makes a container whose program reads a command from fd 3, and is the launcher. */
  async launchWaiting(launch: Launch): Promise<WaitingInit> {
    let pid = 0;
    const call = await this.#program.start({
      words: ['run', '--detach', '--preserve-fds', '1', ...flagsOf(launch), launch.id],
      stdio: [...launch.stdio, 'pipe'],
      reaped: true,
      events: ['container:created'],
      onEvent: (event, payload) => {
        if (event === 'container:created') pid = (payload as ContainerEvent).pid ?? 0;
      },
    });
    await call.status;
    const command = call.child.stdio[COMMAND_FD] as Socket;
    return { pid, command, streams: call.child, end: endOf(call, pid) };
  }

  run(launch: Launch): Started {
    const { id } = launch;
    let create = (): void => {};
    const created = new Promise<void>((resolve) => {
      create = resolve;
    });
    const call = this.#launch(['run'], launch, 'created', create);
    const status = this.#cleanedUp(call, id);
    status.then(create, create);
    return {
      streams: call.then(({ child }) => child),
      status,
      kill: async (signal) => {
        await (await call).started;
        await this.kill(id, signal);
      },
      abort: async () => {
        await created;
        await this.kill(id, constants.signals.SIGKILL);
      },
      resize: (size) => resize(call, size),
    };
  }

  exec({ id, args, env, cwd, user, stdio, terminal }: Exec): Started {
    const pidFile = this.#files.newPath();
    const flags = [
      ...['--pid-file', pidFile],
      ...(terminal ? ['--tty'] : []),
      ...env.flatMap((variable) => ['--env', variable]),
      ...(cwd === undefined ? [] : ['--cwd', cwd]),
      ...(user === undefined ? [] : ['--user', user]),
    ];
    const call = this.#program.start({
      words: ['exec', ...flags, id, ...args],
      stdio,
      terminal,
    });
    return {
      streams: call.then(({ child }) => child),
      status: call.then(({ status }) => status),
      kill: async (signal) => {
        await (await call).started;
        await kill(await call, pidFile, signal);
      },
      abort: async () => kill(await call, pidFile, constants.signals.SIGKILL),
      resize: (size) => resize(call, size),
    };
  }

  initEnd(id: string): InitEnd {
    const record = readRecord(this.root, id);
    return this.#ends.get(id) ?? watchInit(record);
  }

  async start(id: string): Promise<void> {
    await this.#ask(['start', id]);
  }

  async kill(id: string, signal: number): Promise<void> {
    await this.#ask(['kill', id, String(signal)]);
  }

  async pause(id: string): Promise<void> {
    await this.#ask(['pause', id]);
  }

  async resume(id: string): Promise<void> {
    await this.#ask(['resume', id]);
  }

  async update(id: string, resources: LinuxResources): Promise<void> {
    const file = this.#files.write(stringifyJson(resources));
    await this.#ask(['update', '--resources', file, id]).finally(() => rmSync(file));
  }

  async stats(id: string): Promise<CgroupStats> {
    const notice = await this.#ask(['events', '--stats', id]);
    return (parseJson(notice, 'davit events') as { data: CgroupStats }).data;
  }

  async delete(id: string, force: boolean): Promise<void> {
    await this.#ask(['delete', ...(force ? ['--force'] : []), id]);
    this.#ends.delete(id);
  }

  async state(id: string): Promise<ContainerState> {
    return parseJson(await this.#ask(['state', id]), 'davit state') as ContainerState;
  }

  async list(): Promise<ContainerState[]> {
    if (!existsSync(this.root)) return [];
    const states = parseJson(await this.#ask(['list', '--format', 'json']), 'davit list');
    return (states ?? []) as ContainerState[];
  }

  /** Ends the server of this program's own. Containers stay. */
  async close(): Promise<void> {
    await this.#program.close();
  }

  /** Carries out a command that starts no program. Returns what it prints. */
  async #ask(words: readonly [string, ...string[]]): Promise<string> {
    const { child, status } = await this.#program.start({
      words,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = Promise.all([text(child.stdout!), text(child.stderr!)]);
    try {
      await status;
    } catch (error) {
      const [, warning] = await said;
      // The front printed it: it could start no davit.
      throw warning ? new RuntimeError(warning.trim(), undefined, { cause: error }) : error;
    }
    return (await said)[0];
  }

  #launch(
    words: readonly [string, ...string[]],
    launch: Launch,
    status: 'created' | 'running',
    entered: (event: ContainerEvent) => void,
  ): Promise<Call> {
    return this.#program.start({
      words: [...words, ...flagsOf(launch), launch.id],
      stdio: launch.stdio,
      terminal: launch.terminal,
      reaped: words[0] !== 'run',
      events: [`container:${status}`],
      onEvent: (event, payload) => {
        if (event === `container:${status}`) entered(payload as ContainerEvent);
      },
    });
  }

  /** Removes the container of a davit that was killed. */
  async #cleanedUp(starting: Promise<Call>, id: string): Promise<number> {
    const { child, status } = await starting;
    try {
      return await status;
    } finally {
      if (child.signalCode !== null) await this.delete(id, true).catch(() => {});
    }
  }
}

const flagsOf = ({ bundle, configFile, consoleSocket }: Launch): string[] => [
  ...['--bundle', bundle],
  ...(configFile === undefined ? [] : ['--config', configFile]),
  ...(consoleSocket === undefined ? [] : ['--console-socket', consoleSocket]),
];

/** The end of an init that the reaper has adopted. */
function endOf({ child, reports }: Call, init: number): InitEnd {
  child.unref();
  reports!.hold(false);
  const status = reports!.statusOf(init).then((status) => status && shellStatus(status));
  return { status, hold: (alive) => reports!.hold(alive) };
}

/** Does nothing if davit could not be started. */
function resize(call: Promise<Call>, size: TerminalSize): void {
  call.then((started) => started.resize(size)).catch(() => {});
}

/** Sends a signal to the process of an `exec`, which davit has as its child. */
async function kill({ child, status }: Call, pidFile: string, signal: number): Promise<void> {
  let ended = false;
  status.catch(() => {}).finally(() => (ended = true));
  for (;;) {
    const pid = pidFrom(pidFile);
    // Only while davit runs: it waits for the process, whose pid stays its own until then.
    if (ended || child.exitCode !== null || child.signalCode !== null) return;
    if (pid > 0) {
      process.kill(pid, signal);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function pidFrom(file: string): number {
  try {
    return Number(readFileSync(file, 'latin1'));
  } catch {
    return 0;
  }
}
