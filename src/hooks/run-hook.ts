import { closeSync, readSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import type { Hook } from '../config/types.ts';
import { failedWith } from '../errors/syscall-error.ts';
import { watchChild } from '../init/watch-child.ts';
import { strsignal } from '../syscalls/ffi/libc.ts';
import { pipe2 } from '../syscalls/files/pipe.ts';
import { POLLHUP, POLLIN, POLLOUT, poll } from '../syscalls/poll/poll.ts';
import { kill } from '../syscalls/signal/signals.ts';
import { waitpid } from '../syscalls/task/process.ts';
import { spawn } from '../syscalls/task/spawn.ts';
import { monotonicMs } from '../syscalls/time/monotonic.ts';
import { setNonblocking } from '../syscalls/tty/tty.ts';
import type { HookOutput } from './hook-output.ts';

const { SIGKILL } = constants.signals;
/** How much of a hook's output an error shows. */
const OUTPUT_LIMIT = 4096;
/** How long an ended hook's pipe is read: a child of its may keep it open. */
const DRAIN_MS = 10;

/** What a hook is given beside its own fields. */
export interface HookInput {
  /** The state. */
  stdin: string;
  /** `NAME=value`. */
  env: readonly string[];
  /** Default: the caller's. */
  cwd?: string | undefined;
  /** What goes there an error cannot show. */
  output?: HookOutput | undefined;
}

/**
 * Runs one hook with the state on its stdin (config.md, Hooks) and waits for it. Works in init as in
 * the runtime. Throws when it cannot be started, fails, or outlasts its timeout, with its last output.
 */
export function runHook(hook: Hook, { stdin, env, cwd, output: files = {} }: HookInput): void {
  const [inputEnd, input] = pipe2();
  const [output, outputEnd] = pipe2();
  let pid: number;
  try {
    pid = spawn({
      path: hook.path,
      argv: hook.args?.length ? hook.args : [hook.path],
      env,
      cwd,
      fds: [
        [inputEnd, 0],
        [files.stdout ?? outputEnd, 1],
        [files.stderr ?? outputEnd, 2],
      ],
    });
  } catch (error) {
    closeSync(input);
    closeSync(output);
    throw error;
  } finally {
    closeSync(inputEnd);
    closeSync(outputEnd);
  }
  const { text, timedOut } = converse({ pid, input, output }, stdin, hook.timeout);
  const status = waitpid(pid)!;
  if (timedOut)
    throw new Error(
      `hook ran past specified timeout of ${hook.timeout!.toFixed(1)}s${shown(text)}`,
    );
  if (status !== 0) throw new Error(`${statusText(status)}${shown(text)}`);
}

interface Running {
  pid: number;
  /** The pipes' ends, which are closed when the hook has ended. */
  input: number;
  output: number;
}

/** Feeds a hook its state and reads what it prints, in whatever order it likes, until it ends. */
function converse(
  { pid, input, output }: Running,
  stdin: string,
  timeout: number | undefined,
): { text: string; timedOut: boolean } {
  const ended = watchChild(pid);
  const deadline = timeout === undefined ? undefined : monotonicMs() + timeout * 1000;
  const chunk = Buffer.alloc(OUTPUT_LIMIT);
  const pipe = { fd: output, events: POLLIN, revents: 0 };
  const feed = { fd: input, events: POLLOUT, revents: 0 };
  let unread = Buffer.from(stdin);
  let text = '';
  let timedOut = false;
  // A state that is larger than the pipe waits for its reader here, not in write(2).
  setNonblocking(input);
  try {
    for (;;) {
      const left = deadline === undefined ? -1 : Math.max(0, Math.ceil(deadline - monotonicMs()));
      const over = ended.seen;
      const ready = poll([ended.polled, pipe, feed], over ? DRAIN_MS : ended.atMost(left));
      if (ready === 0 && !ended.look()) {
        if (deadline === undefined || monotonicMs() < deadline) continue;
        timedOut = true;
        kill(pid, SIGKILL);
        break;
      }
      if (ready === 0 && over) break;
      if (feed.revents !== 0) {
        unread = unread.subarray(offer(input, unread));
        if (unread.length === 0) {
          closeSync(input);
          feed.fd = -1;
        }
      }
      if (pipe.revents & (POLLIN | POLLHUP)) {
        const length = readSync(output, chunk);
        if (length === 0) pipe.fd = -1;
        text = (text + chunk.toString('utf8', 0, length)).slice(-OUTPUT_LIMIT);
      }
      if (ended.look() && pipe.fd === -1) break;
    }
  } finally {
    ended.close();
    closeSync(output);
    if (feed.fd !== -1) closeSync(input);
  }
  return { text, timedOut };
}

/** How many bytes are done with: all of them, where nobody reads any more. */
function offer(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if (!failedWith(error, 'EPIPE')) throw error;
    return bytes.length;
  }
}

const statusText = (status: number): string =>
  status > 128 ? `signal: ${strsignal(status - 128)}` : `exit status ${status}`;

const shown = (text: string): string => (text.trim() ? `, output: ${text.trim()}` : '');
