import { closeSync, openSync } from 'node:fs';
import { type FailureReport, reportFailure, reviveFailure } from '../errors/stage-error.ts';
import { failedWith } from '../errors/syscall-error.ts';
import { type Forked, fork } from '../init/fork/fork.ts';
import {
  receiveMessage,
  SOCK_SEQPACKET,
  sendMessage,
  socketpair,
} from '../syscalls/network/socket.ts';
import { CLONE_NEWNS, setns } from '../syscalls/task/namespaces.ts';
import { exitNow, waitpid } from '../syscalls/task/process.ts';

const MAX_ANSWER = 16384;

/** What is bound: see BindSource of stages/mounts/bind/open-bind-source.ts. */
interface OpenedSource {
  fd: number;
  detached: boolean;
}

/** By field of config.json: what opens a source, in init's mount namespace; undefined for none. */
export type Sources = ReadonlyMap<string, () => OpenedSource | undefined>;

/**
 * A process that opens for init what it binds, bind sources and devices; init asks for them one by one.
 * It has the host's privileges, which init in a user namespace lacks, and is in init's mount namespace:
 * earlier mounts are there, and the flags that the host has on its mounts are locked
 * (mount_namespaces(7)).
 *
 * Made before init is forked, so that each has its end of a socket:
 *
 *     init                              this process
 *     ── `mounts[2]` ─────────────────▶
 *     ◀── { detached } and an fd, or {}, or { failure }
 */
export class SourceOpener {
  readonly #inits: number;
  readonly #own: number;
  #process: Forked | undefined;
  /** In the runtime, which may share this object with init, but no fds. */
  #closed = false;
  /** In init. */
  #asked = false;

  constructor() {
    [this.#inits, this.#own] = socketpair(SOCK_SEQPACKET);
  }

  /** In the runtime, once init is there: begins to answer. */
  start(init: number, sources: Sources): void {
    const namespace = openSync(`/proc/${init}/ns/mnt`, 'r');
    try {
      this.#process = fork(0, () => {
        closeSync(this.#inits);
        serve(this.#own, (field) => {
          setns(namespace, CLONE_NEWNS);
          return sources.get(field)?.();
        });
      });
    } finally {
      closeSync(namespace);
      this.#close();
    }
  }

  /** In the runtime: ends the process, if it was started. */
  end(): void {
    this.#close();
    if (!this.#process) return;
    process.kill(this.#process.pid, 'SIGKILL');
    waitpid(this.#process.pid);
    closeSync(this.#process.pidfd);
    this.#process = undefined;
  }

  /** In init: the source that `field` names; undefined where nobody was started to open it. */
  request(field: string): OpenedSource | undefined {
    // Else init would wait for itself where nobody else holds that end.
    if (!this.#asked) closeSync(this.#own);
    this.#asked = true;
    const { bytes, fds } = this.#ask(field);
    if (bytes.length === 0) return undefined;
    const answer: { failure?: FailureReport; detached?: boolean } = JSON.parse(bytes.toString());
    if (answer.failure) throw reviveFailure(answer.failure);
    return answer.detached === undefined ? undefined : { fd: fds[0]!, detached: answer.detached };
  }

  #ask(field: string): ReturnType<typeof receiveMessage> {
    try {
      sendMessage(this.#inits, Buffer.from(field));
      return receiveMessage(this.#inits, MAX_ANSWER, 1);
    } catch (error) {
      if (failedWith(error, 'EPIPE', 'ECONNRESET')) return { bytes: Buffer.alloc(0), fds: [] };
      throw error;
    }
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#inits);
    closeSync(this.#own);
  }
}

/** Answers until init is gone, or has executed its program. */
function serve(socket: number, open: (field: string) => OpenedSource | undefined): never {
  for (;;) {
    const { bytes } = receiveMessage(socket, MAX_ANSWER);
    if (bytes.length === 0) exitNow(0);
    answer(socket, () => open(bytes.toString()));
  }
}

function answer(socket: number, open: () => OpenedSource | undefined): void {
  try {
    const { fd, detached } = open() ?? {};
    sendMessage(socket, Buffer.from(JSON.stringify({ detached })), fd === undefined ? [] : [fd]);
    if (fd !== undefined) closeSync(fd);
  } catch (error) {
    sendMessage(socket, Buffer.from(JSON.stringify({ failure: reportFailure(error) })));
  }
}
