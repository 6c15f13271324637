import { closeSync, constants, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RuntimeError } from '../../../errors/runtime-error.ts';
import { closeFd } from '../../../syscalls/files/close-fd.ts';
import { makeDirectories } from '../../../syscalls/files/make-directories.ts';
import { pipe2 } from '../../../syscalls/files/pipe.ts';
import { POLLIN } from '../../../syscalls/poll/poll.ts';
import { pollOnEventLoop } from '../../../syscalls/poll/poll-on-event-loop.ts';
import { spawn } from '../../../syscalls/task/spawn.ts';
import type { Children } from '../task/children.ts';
import type { Stream } from './fifo.ts';

const READY_MS = 10_000;
/** How long a logger may take to write the rest, in milliseconds: runc's shim waits as long. */
const END_MS = 12_000;
// linux/limits.h: the fds of a logging program.
const [STDOUT, STDERR, READY] = [3, 4, 5];

const { O_WRONLY, O_APPEND, O_CREAT, O_NOCTTY } = constants;

/** Opens the file of a `file://` URI, where stdout and stderr go. */
export function openLogFile(path: string): Stream {
  makeDirectories(dirname(path), 0o755);
  const end = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY, 0o644);
  return { end, held: -1 };
}

/** Whose output a logging program gets. */
interface LoggedProcess {
  id: string;
  namespace: string;
}

/** A logging program, which reads the stdout and the stderr of a process from pipes. */
export class Logger {
  /** Of the process: stdout and stderr. */
  readonly streams: [Stream, Stream];
  readonly #ended: Promise<unknown>;
  readonly #pid: number;

  /** Starts the program of a `binary://` URI, and waits until it is ready. */
  static async start(uri: URL, logged: LoggedProcess, children: Children): Promise<Logger> {
    const [ready, theirs] = pipe2();
    try {
      const logger = new Logger(uri, logged, theirs, children);
      closeSync(theirs);
      const readable = { fd: ready, events: POLLIN, revents: 0 };
      await pollOnEventLoop([readable], READY_MS);
      if (readable.revents === 0)
        throw new RuntimeError(`${uri.pathname}: no sign that it is ready`);
      readSync(ready, Buffer.alloc(1));
      return logger;
    } finally {
      closeFd(ready);
    }
  }

  private constructor(
    uri: URL,
    { id, namespace }: LoggedProcess,
    ready: number,
    children: Children,
  ) {
    const nothing = openSync('/dev/null', 'r+');
    const [stdout, stdoutEnd] = pipe2();
    const [stderr, stderrEnd] = pipe2();
    this.#pid = spawn({
      path: uri.pathname,
      argv: [uri.pathname, ...[...uri.searchParams].flat()],
      env: [`CONTAINER_ID=${id}`, `CONTAINER_NAMESPACE=${namespace}`],
      fds: [
        ...[0, 1, 2].map((to) => [nothing, to] as const),
        ...([
          [stdout, STDOUT],
          [stderr, STDERR],
          [ready, READY],
        ] as const),
      ],
    });
    this.#ended = children.await(this.#pid);
    for (const fd of [nothing, stdout, stderr]) closeSync(fd);
    this.streams = [
      { end: stdoutEnd, held: -1 },
      { end: stderrEnd, held: -1 },
    ];
  }

  /** Waits until the program has read all and has ended. */
  async end(): Promise<void> {
    const timeout = new AbortController();
    const late = delay(END_MS, 'late', { signal: timeout.signal }).catch(() => undefined);
    if ((await Promise.race([this.#ended, late])) === 'late') process.kill(this.#pid, 'SIGKILL');
    timeout.abort();
  }
}
