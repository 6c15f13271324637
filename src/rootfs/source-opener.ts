import { closeSync, openSync } from 'node:fs';
import { hasErrno } from '../errors/syscall-error.ts';
import { MAX_PACKET } from '../init/channel/protocol.ts';
import { fromPacket, toPacket } from '../init/channel/wire.ts';
import { type Forked, fork } from '../init/fork/fork.ts';
import {
  receiveMessage,
  SOCK_SEQPACKET,
  sendMessage,
  socketpair,
} from '../syscalls/network/socket.ts';
import { CLONE_NEWNS, setns } from '../syscalls/task/namespaces.ts';
import { exitNow, waitpid } from '../syscalls/task/process.ts';

/** An opened source: BindSource of stages/mounts/bind/bind-source.ts. */
interface OpenedSource {
  fd: number;
  detached: boolean;
}

/** By field of config.json, the function that opens its source, in init's mount namespace. */
type Sources = ReadonlyMap<string, () => OpenedSource | undefined>;

/**
 * A process that opens bind sources and devices for init; init asks for them one by one. The
 * process has the host's privileges, which init in a user namespace lacks. It opens in init's mount
 * namespace: earlier mounts are visible there, and the flags of the host's mounts are locked
 * (mount_namespaces(7)).
 *
 * The object is made before init is forked, so that both processes have their end of a socket:
 *
 *     init                              this process
 *     ── `mounts[2]` ─────────────────▶
 *     ◀── { detached } and an fd, or {}, or { error }
 */
export class SourceOpener {
  readonly #inits: number;
  readonly #own: number;
  #process: Forked | undefined;
  /**
   * True once the runtime has closed both ends. init may share this object, but has its own fds.
   */
  #closed = false;
  /** True once init has asked for a source. */
  #requested = false;

  constructor() {
    [this.#inits, this.#own] = socketpair(SOCK_SEQPACKET);
  }

  /** In the runtime, once init is forked: starts the process. */
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

  /** In init: the source that `field` names; undefined where no process was started to open it. */
  request(field: string): OpenedSource | undefined {
    // While init has the other end open, it would wait forever for an answer that nobody sends.
    if (!this.#requested) closeSync(this.#own);
    this.#requested = true;
    const { bytes, fds } = this.#ask(field);
    if (bytes.length === 0) return undefined;
    const answer = fromPacket<{ error?: Error; detached?: boolean }>(bytes);
    if (answer.error) throw answer.error;
    return answer.detached === undefined ? undefined : { fd: fds[0]!, detached: answer.detached };
  }

  #ask(field: string): ReturnType<typeof receiveMessage> {
    try {
      sendMessage(this.#inits, Buffer.from(field));
      return receiveMessage(this.#inits, MAX_PACKET, 1);
    } catch (error) {
      if (hasErrno(error, 'EPIPE', 'ECONNRESET')) return { bytes: Buffer.alloc(0), fds: [] };
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
    const { bytes } = receiveMessage(socket, MAX_PACKET);
    if (bytes.length === 0) exitNow(0);
    answer(socket, () => open(bytes.toString()));
  }
}

function answer(socket: number, open: () => OpenedSource | undefined): void {
  try {
    const { fd, detached } = open() ?? {};
    sendMessage(socket, toPacket({ detached }), fd === undefined ? [] : [fd]);
    if (fd !== undefined) closeSync(fd);
  } catch (error) {
    sendMessage(socket, toPacket({ error }));
  }
}
