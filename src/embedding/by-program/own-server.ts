import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { SOCKET_VARIABLE } from '../../machine/front/door.ts';

/**
 * A `davit serve` of this program's own. It ends when its standard input does, and so with this
 * program, also when the program is killed. Commands that come before it listens, or after it has
 * failed, run without a server. Keeps no program alive.
 */
export class OwnServer {
  readonly #process: ChildProcess;

  /** `front` is the path of davit's program, `socket` that of the server's socket. */
  constructor(front: string, socket: string, environment: NodeJS.ProcessEnv) {
    this.#process = spawn(front, ['serve', '--until-eof'], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { ...environment, [SOCKET_VARIABLE]: socket },
    });
    this.#process.on('error', () => {});
    this.#process.stdin!.on('error', () => {});
    (this.#process.stdin as Socket).unref();
    this.#process.unref();
  }

  /** Ends the server, once it has answered. */
  async end(): Promise<void> {
    const { exitCode, signalCode, pid, stdin } = this.#process;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    this.#process.ref();
    stdin!.end();
    await once(this.#process, 'exit');
  }
}
