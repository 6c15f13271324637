import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { checkOptions } from '../../check-options.ts';
import type { Spec } from '../../config/types.ts';
import { hostRootfs } from './host-rootfs.ts';

/** davit's program: the build puts this module beside it. */
const DAVIT = join(import.meta.dirname, `davit-${process.arch}`);

export interface TestContainerOptions {
  /**
   * The plugin's file, absolute or relative to the working directory, or the name of a plugin that
   * comes with davit: `davit/plugins/audit`.
   */
  plugin: string;
  /** The plugin's options, as in davit's configuration file. They must be JSON. */
  options?: unknown;
  /** The plugin's time limit in milliseconds, as in the configuration file. Default: 5000. */
  timeout?: number;
  /** The container's program. Default: `['true']`. */
  args?: string[];
  /** Changes config.json in place before it is written. */
  spec?: (spec: TestSpec) => void;
  /** Milliseconds until a command of davit that has not ended is killed. Default: 60,000. */
  commandTimeout?: number;
}

/** Milliseconds for a command of davit. Also the least that the container's removal may take. */
const COMMAND_TIMEOUT = 60_000;

/** The configuration of a test's container. These parts are always there. */
export type TestSpec = Spec & Required<Pick<Spec, 'process' | 'root' | 'mounts' | 'linux'>>;

/** How a command of davit has ended, and what it and the container's program have written. */
export interface CommandResult {
  /** The exit status: for `run` and `exec`, the program's. `null` if a signal ended davit. */
  status: number | null;
  stdout: string;
  stderr: string;
}

/**
 * A small container for a test of a plugin:
 *
 *     await using container = new TestContainer({ plugin: 'index.ts', args: ['env'] });
 *     const { status, stdout, stderr } = await container.run();
 *
 * Its programs are the host's own, which it sees read-only; the rest of its rootfs is its own. For
 * an ordinary user, it has a user namespace. Its bundle, state and traces are in a directory that
 * disappears with it.
 */
export class TestContainer implements AsyncDisposable {
  readonly id: string;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  /** Absolute path of the rootfs on the host. */
  readonly rootfs: string;
  readonly #root: string;
  readonly #commandTimeout: number;
  #commands = 0;

  /** Makes the bundle. Throws TypeError for an option that {@link TestContainerOptions} has not. */
  constructor(options: TestContainerOptions) {
    checkOptions<TestContainerOptions>('new TestContainer', options, {
      plugin: 'string',
      options: 'anything?',
      timeout: 'milliseconds?',
      args: 'strings?',
      spec: 'function?',
      commandTimeout: 'milliseconds?',
    });
    this.bundle = mkdtempSync(join(tmpdir(), 'davit-plugin-'));
    this.id = basename(this.bundle);
    this.rootfs = join(this.bundle, 'rootfs');
    this.#root = join(this.bundle, 'state');
    this.#commandTimeout = options.commandTimeout ?? COMMAND_TIMEOUT;
    try {
      // The container's user may be another one on the host.
      chmodSync(this.bundle, 0o755);
      this.#configure(options);
    } catch (error) {
      rmSync(this.bundle, { recursive: true });
      throw error;
    }
  }

  /** `davit run`: the container's whole life. */
  async run(): Promise<CommandResult> {
    return await this.davit('run', '--bundle', this.bundle, this.id);
  }

  /** `davit create`. Its result has no output of the program, which only `start` starts. */
  async create(): Promise<CommandResult> {
    return await this.davit('create', '--bundle', this.bundle, this.id);
  }

  /** `davit start`. */
  async start(): Promise<CommandResult> {
    return await this.davit('start', this.id);
  }

  /** `davit exec`: runs another program in the container. */
  async exec(...args: string[]): Promise<CommandResult> {
    return await this.davit('exec', this.id, ...args);
  }

  /** `davit delete --force`. */
  async delete(): Promise<CommandResult> {
    return await this.davit('delete', '--force', this.id);
  }

  /**
   * Any command of davit, with the plugin: `davit('state', container.id)`. A command that fails is
   * no error. Rejects if the command has not ended in time.
   */
  async davit(...args: string[]): Promise<CommandResult> {
    return await this.#command(args, this.#commandTimeout);
  }

  async #command(args: string[], timeout: number): Promise<CommandResult> {
    const place = join(this.bundle, `command-${this.#commands++}`);
    const output = [`${place}.stdout`, `${place}.stderr`] as const;
    const { status, timedOut } = await this.#spawn(args, output, timeout);
    const [stdout, stderr] = [read(output[0]), read(output[1])];
    if (timedOut) {
      const command = `davit ${args.join(' ')}`;
      throw new Error(
        `${command}: no end after ${timeout} ms; it has written:\n${stdout}${stderr}`,
      );
    }
    return { status, stdout, stderr };
  }

  /** Removes the container, if it is there, and the bundle. */
  async remove(): Promise<void> {
    if (existsSync(join(this.#root, this.id))) {
      // A short limit of the test's must not keep the container from being removed.
      const timeout = Math.max(this.#commandTimeout, COMMAND_TIMEOUT);
      const { status, stderr } = await this.#command(['delete', '--force', this.id], timeout);
      if (status !== 0) throw new Error(`${this.bundle} is left: davit delete: ${stderr}`);
    }
    rmSync(this.bundle, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove();
  }

  #configure({ plugin, options, timeout, args = ['true'], spec: change }: TestContainerOptions) {
    const file = join(this.bundle, 'config.json');
    const rootless = process.geteuid!() === 0 ? [] : ['--rootless'];
    const words = ['--root', this.#root, 'spec', '--bundle', this.bundle, ...rootless];
    const { error, status, stderr } = spawnSync(DAVIT, words, { encoding: 'utf8' });
    if (error) throw error;
    if (status !== 0) throw new Error(`davit spec: ${stderr}`);
    const spec: TestSpec = JSON.parse(readFileSync(file, 'utf8'));
    Object.assign(spec.process, { terminal: false, args });
    spec.root.readonly = false;
    spec.mounts.push(...hostRootfs(this.rootfs));
    change?.(spec);
    writeFileSync(file, JSON.stringify(spec));
    const name = plugin.startsWith('davit/') ? plugin : resolve(plugin);
    const plugins = [{ plugin: name, options, timeout }];
    writeFileSync(join(this.bundle, 'davit.json'), JSON.stringify({ plugins }));
  }

  /** The output goes to files, because a container that the command leaves running holds them. */
  async #spawn(args: string[], output: readonly string[], timeout: number): Promise<Ended> {
    const fds = output.map((path) => openSync(path, 'wx'));
    try {
      const child = spawn(DAVIT, ['--root', this.#root, ...args], {
        stdio: ['ignore', ...fds],
        timeout,
        killSignal: 'SIGKILL',
        env: {
          ...process.env,
          DAVIT_CONFIG: join(this.bundle, 'davit.json'),
          DAVIT_TRACE_DIR: join(this.bundle, 'traces'),
          // No server: the command loads the plugin anew.
          DAVIT_SERVER: '',
        },
      });
      const [status] = (await once(child, 'exit')) as [number | null];
      return { status, timedOut: child.killed };
    } finally {
      for (const fd of fds) closeSync(fd);
    }
  }
}

interface Ended {
  status: number | null;
  timedOut: boolean;
}

const read = (path: string): string => readFileSync(path, 'utf8');
