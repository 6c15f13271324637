import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import { type CommandOptions, DAVIT, type Result, runCommand, startCommand } from './command.ts';
import { builtFiles } from './run/build.ts';
import { waitFor } from './wait-for.ts';

/** A `davit serve` that belongs to one test. */
export class ServerUnderTest {
  readonly directory: string;
  readonly socket: string;
  /** Variables that make davit use this server. */
  readonly env: Record<string, string>;
  readonly #options: CommandOptions;
  readonly #process: ReturnType<typeof startCommand>;
  readonly #exited: Promise<unknown>;

  constructor(args: readonly string[], options: CommandOptions) {
    this.directory = mkdtempSync(join(tmpdir(), 'server-'));
    if (options.uid !== undefined) chownSync(this.directory, options.uid, options.gid!);
    this.socket = join(this.directory, 'socket');
    this.env = { DAVIT_SERVER: this.socket };
    this.#options = options;
    this.#process = startCommand(DAVIT, ['serve', ...args], {
      ...options,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...this.env, ...options.env },
    });
    this.#exited = once(this.#process, 'exit');
  }

  /** The build's name, which its fronts send to the server. */
  get build(): string {
    return basename(builtFiles());
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** Runs davit, which uses the server. */
  run(...args: string[]): Result {
    return runCommand(DAVIT, args, { env: this.env });
  }

  /** Whether it serves its user: a server listens before it has loaded all that it needs. */
  get isReady(): boolean {
    const env = { ...this.#options.env, ...this.env };
    const { stdout } = runCommand(DAVIT, ['serve', '--status'], { ...this.#options, env });
    return stdout.includes(`pid ${this.pid},`);
  }

  /** The server's count of what it has done. */
  status(): string {
    return this.run('serve', '--status').stdout;
  }

  /**
   * Expects that it ran these commands (`exec`, or with a count `exec +5`), and that no command ran
   * without it. On a very busy machine a front may not wait for it.
   */
  expectServed(...commands: readonly string[]): void {
    const status = this.status();
    if (/the front has (gone|waited too long)/.test(status)) return;
    for (const command of commands) assert.match(status, new RegExp(`^${command} `, 'm'));
    assert.doesNotMatch(status, /BECAUSE/);
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Waits for the server's end. Returns its exit status, or null after a signal. */
  async ended(): Promise<number | null> {
    await this.#exited;
    return this.#process.exitCode;
  }

  async remove(): Promise<void> {
    this.kill('SIGKILL');
    await this.#exited;
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Starts a server and waits until it answers. It ends with the test. */
export async function startServer(
  t: TestContext,
  args: readonly string[] = [],
  options: CommandOptions = {},
): Promise<ServerUnderTest> {
  const server = new ServerUnderTest(args, options);
  t.after(() => server.remove());
  await waitFor(() => existsSync(server.socket) && server.isReady);
  return server;
}
