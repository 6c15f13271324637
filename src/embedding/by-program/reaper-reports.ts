import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { RECORD_SIZE, STARTED } from '../../machine/reaper/data.ts';
import { endingSignal, exitCode } from '../../syscalls/task/wait-status.ts';

/** How a process has ended, as ChildProcess's event `exit` tells it. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/**
 * What davit's reaper reports: how the davit that it has started ended, and how each process that
 * this davit left has ended.
 */
export class ReaperReports {
  /** How davit ends. If the reaper is killed, this says that davit was killed. */
  readonly davit: Promise<Exit>;
  readonly #socket: Socket;
  readonly #statuses = new Map<number, number>();
  readonly #listeners = new Map<number, (status: number | undefined) => void>();
  #davit = 0;
  #closed = false;
  #rest = Buffer.alloc(0);
  #davitEnded = (_exit: Exit): void => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    this.davit = new Promise((resolve) => {
      this.#davitEnded = resolve;
    });
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#close());
  }

  /** The wait status with which a process ended; undefined if the reaper does not know. */
  statusOf(pid: number): Promise<number | undefined> {
    const known = this.#statuses.get(pid);
    if (known !== undefined || this.#closed) return Promise.resolve(known);
    return new Promise((resolve) => this.#listeners.set(pid, resolve));
  }

  /** Whether waiting keeps this program alive. */
  hold(alive: boolean): void {
    if (alive) this.#socket.ref();
    else this.#socket.unref();
  }

  #read(chunk: Buffer): void {
    let records = Buffer.concat([this.#rest, chunk]);
    for (; records.length >= RECORD_SIZE; records = records.subarray(RECORD_SIZE)) {
      this.#add(records.readInt32LE(0), records.readInt32LE(4));
    }
    this.#rest = records;
  }

  #add(pid: number, status: number): void {
    if (status === STARTED) this.#davit = pid;
    else if (pid === this.#davit) this.#davitEnded(exitOf(status));
    else {
      this.#statuses.set(pid, status);
      this.#listeners.get(pid)?.(status);
    }
  }

  #close(): void {
    this.#closed = true;
    this.#davitEnded({ code: null, signal: 'SIGKILL' });
    for (const listener of this.#listeners.values()) listener(undefined);
  }
}

function exitOf(status: number): Exit {
  const signal = endingSignal(status);
  const names = Object.entries(constants.signals) as [NodeJS.Signals, number][];
  const [name = null] = names.find(([, number]) => number === signal) ?? [];
  return { code: signal === 0 ? exitCode(status) : null, signal: name };
}
