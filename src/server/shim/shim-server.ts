import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { makeDirectories } from '../../syscalls/files/make-directories.ts';
import { withUmask } from '../../syscalls/files/with-umask.ts';
import { exitNow } from '../../syscalls/task/process.ts';
import { announce, type Group, SHIMS, withdraw } from './group.ts';
import { type IdleTimes, IdleWatch } from './idle-watch.ts';
import type { ShimContext } from './shim-context.ts';
import { taskService } from './task/task-service.ts';
import { Tasks } from './task/tasks.ts';
import { ttrpcServer } from './ttrpc/server.ts';

/** How long containerd may take for its first connection, in milliseconds. */
const FIRST_MS = 60_000;

/** Serves the tasks of a group at a socket of its own, and ends the process when nobody uses it. */
export class ShimServer {
  /** As `start` answers it. */
  readonly address: string;
  readonly #socket = `${SHIMS}/${randomBytes(8).toString('hex')}.sock`;
  readonly #context: ShimContext;
  readonly #group: Group;
  readonly #tasks: Tasks;
  readonly #server: Server;
  readonly #idle: IdleWatch;
  #connections = 0;

  constructor(context: ShimContext, group: Group, times: IdleTimes) {
    this.address = `unix://${this.#socket}`;
    this.#context = context;
    this.#group = group;
    this.#tasks = new Tasks(context);
    this.#idle = new IdleWatch(times, () => this.#isUsed, {
      withdraw: () => withdraw(group, this.address),
      end: () => void this.end(),
    });
    this.#server = ttrpcServer(taskService(this.#tasks), (count) => {
      this.#connections = count;
      this.#idle.look();
    });
  }

  /** Resolves once containerd can connect. */
  async listen(): Promise<void> {
    makeDirectories(SHIMS, 0o700);
    withUmask(0o177, () => this.#server.listen(this.#socket));
    await once(this.#server, 'listening');
    announce(this.#group, this.address);
    setTimeout(() => this.#idle.look(), FIRST_MS);
  }

  /** Ends the process, unless somebody uses it. */
  async end(): Promise<void> {
    if (this.#isUsed) return;
    withdraw(this.#group, this.address);
    this.#server.close();
    rmSync(this.#socket, { force: true });
    await this.#context.publisher.sent;
    exitNow(0);
  }

  get #isUsed(): boolean {
    return this.#connections > 0 || this.#tasks.count > 0;
  }
}
