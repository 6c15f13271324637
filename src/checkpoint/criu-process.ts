import { constants, openSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { PROGRESS_MS, type StartProgress } from '../caller/progress.ts';
import type { Environment } from '../config/environment.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { type ChildWatch, watchChild } from '../init/watch-child.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';
import { duplicateFrom } from '../syscalls/files/fcntl.ts';
import {
  receiveMessage,
  SOCK_SEQPACKET,
  sendMessage,
  socketpair,
} from '../syscalls/network/socket.ts';
import { POLLIN } from '../syscalls/poll/poll.ts';
import { pollOnEventLoop } from '../syscalls/poll/poll-on-event-loop.ts';
import { kill } from '../syscalls/signal/signals.ts';
import { waitpid } from '../syscalls/task/process.ts';
import { spawn } from '../syscalls/task/spawn.ts';
import { monotonicMs } from '../syscalls/time/monotonic.ts';
import type { Response } from './criu_pb.ts';
import { decodeResponse, encodeRequest, type RequestInit } from './criu-messages.ts';

/** Longer than any message of criu's, in bytes. */
const MAX_MESSAGE = 1 << 16;
/** The socket's number in criu. */
const SOCKET = 3;
/** How long criu may take to clean up once its socket is closed, in milliseconds. */
const END_TIMEOUT_MS = 10_000;

export interface CriuPlace {
  /** The path of criu. */
  path: string;
  environment: Environment;
}

export interface CriuFds {
  /** criu's stdio, which the restored processes may inherit. Default: /dev/null. */
  stdio?: readonly number[];
  /** criu has these from fd {@link FIRST_PASSED} on. */
  passed?: readonly number[];
}

/** The number that the first passed fd has in criu. */
export const FIRST_PASSED = SOCKET + 1;

/** A response, and the fd that came with it. */
interface CriuMessage {
  response: Response;
  fd: number | undefined;
}

/** A running `criu swrk`, which serves requests on a socket: https://criu.org/RPC. */
export class CriuProcess implements Disposable {
  readonly pid: number;
  readonly #socket: number;
  readonly #end: ChildWatch & Disposable;
  readonly #begin = monotonicMs();
  #reaped = false;
  #closed = false;

  constructor(place: CriuPlace, fds: CriuFds = {}) {
    const [ours, theirs] = socketpair(SOCK_SEQPACKET);
    this.#socket = ours;
    try {
      this.pid = start(place, theirs, fds);
    } catch (error) {
      closeFd(ours);
      throw error;
    } finally {
      closeFd(theirs);
    }
    this.#end = watchChild(this.pid);
  }

  send(request: RequestInit): void {
    try {
      sendMessage(this.#socket, encodeRequest(request));
    } catch (error) {
      // criu has ended: receive() says so.
      if (!hasErrno(error, 'EPIPE', 'ECONNRESET')) throw error;
    }
  }

  /** Waits for the next message. Throws when criu ends without one. */
  async receive(startProgress?: StartProgress): Promise<CriuMessage> {
    using line = startProgress?.();
    const readable = { fd: this.#socket, events: POLLIN, revents: 0 };
    while (readable.revents === 0 && !this.#end.hasEnded) {
      const timeout = this.#end.pollTimeout(line ? PROGRESS_MS : -1);
      await pollOnEventLoop([readable, this.#end.pollFd], timeout);
      this.#end.check();
      line?.show(() => `criu has run for ${Math.round((monotonicMs() - this.#begin) / 1000)} s`);
    }
    const { bytes, fds } = readable.revents ? this.#read() : NOTHING;
    const [fd] = fds;
    if (bytes.length > 0) return { response: decodeResponse(bytes), fd };
    throw new RuntimeError('criu ended without an answer');
  }

  /** Closes the socket, which ends criu, and waits for its end. Kills a criu that does not end. */
  async finish(): Promise<void> {
    this.#close();
    const deadline = Date.now() + END_TIMEOUT_MS;
    while (!this.#end.check() && Date.now() < deadline) {
      const left = Math.max(0, deadline - Date.now());
      await pollOnEventLoop([this.#end.pollFd], this.#end.pollTimeout(left));
    }
    this[Symbol.dispose]();
  }

  /** Kills criu if it still runs, and reaps it. */
  [Symbol.dispose](): void {
    if (this.#reaped) return;
    this.#reaped = true;
    this.#close();
    this.#end[Symbol.dispose]();
    kill(this.pid, osConstants.signals.SIGKILL);
    waitpid(this.pid);
  }

  #close(): void {
    if (!this.#closed) closeFd(this.#socket);
    this.#closed = true;
  }

  #read() {
    try {
      return receiveMessage(this.#socket, MAX_MESSAGE, 1);
    } catch (error) {
      if (hasErrno(error, 'ECONNRESET')) return NOTHING;
      throw error;
    }
  }
}

const NOTHING = { bytes: Buffer.alloc(0), fds: [] as number[] };

function start({ path, environment }: CriuPlace, socket: number, given: CriuFds): number {
  using copies = new DisposableStack();
  const devNull = copies.adopt(openSync('/dev/null', constants.O_RDWR), closeFd);
  const { stdio = [devNull, devNull, devNull], passed = [] } = given;
  const sources = [...stdio, socket, ...passed];
  return spawn({
    path,
    argv: ['criu', 'swrk', String(SOCKET)],
    env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    // Above all of criu's fds: each is copied to its place, one after the other.
    fds: sources.map((fd, to) => [copies.adopt(duplicateFrom(fd, sources.length), closeFd), to]),
  });
}
