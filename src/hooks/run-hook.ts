import { readSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { PROGRESS_MS, type StartProgress } from '../caller/progress.ts';
import type { Hook } from '../config/types.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { watchChild } from '../init/watch-child.ts';
import { strsignal } from '../syscalls/ffi/libc.ts';
import { POLLHUP, POLLIN, POLLOUT, poll } from '../syscalls/poll/poll.ts';
import { kill } from '../syscalls/signal/signals.ts';
import { waitpid } from '../syscalls/task/process.ts';
import { spawn } from '../syscalls/task/spawn.ts';
import { monotonicMs } from '../syscalls/time/monotonic.ts';
import { setNonblocking } from '../syscalls/tty/tty.ts';
import type { HookFiles } from './hook-output.ts';
import { HookPipes } from './hook-pipes.ts';

const { SIGKILL } = constants.signals;
/** How much of a hook's output an error shows. */
const OUTPUT_LIMIT = 4096;
/** How long the pipe of an ended hook is read: a child of the hook may keep it open. */
const DRAIN_MS = 10;

/** What a hook is given beside its own fields. */
export interface HookInput {
  /** `createRuntime[0]`. */
  name: string;
  /** The state. */
  stdin: string;
  /** `NAME=value`. */
  env: readonly string[];
  /** Default: the caller's. */
  cwd?: string | undefined;
  /** Files for the hook's output; an error cannot show what goes there. */
  output?: HookFiles | undefined;
  /** Shows that the hook takes long. Absent where nobody sees it. */
  progress?: StartProgress | undefined;
}

/**
 * Runs one hook with the state on its stdin (config.md, Hooks) and waits for it. Works in init as in
 * the runtime. Throws when it cannot be started, fails, or outlasts its timeout, with its last output.
 */
export function runHook(hook: Hook, input: HookInput): void {
  using pipes = new HookPipes(input.output);
  const fds = pipes.stdio.map((from, to) => [from, to] as const);
  const pid = spawn({ ...programOf(hook, input), cwd: input.cwd, fds });
  pipes.closeStdio();
  attendHook(hook, pid, pipes, input);
}

/** What a hook's program is started with. */
export interface HookProgram {
  path: string;
  argv: readonly string[];
  /** `NAME=value`. */
  env: readonly string[];
}

export const programOf = ({ path, args }: Hook, { env }: HookInput): HookProgram => ({
  ...{ path, env },
  argv: args?.length ? args : [path],
});

/** Waits for the end of a hook that has been started; throws unless it succeeded. */
export function attendHook(hook: Hook, pid: number, pipes: HookPipes, input: HookInput): void {
  const { timeout } = hook;
  const { text, timedOut } = converse(pid, pipes, hook, input);
  const status = waitpid(pid)!;
  if (timedOut)
    throw new Error(`hook ran past specified timeout of ${timeout!.toFixed(1)}s${shown(text)}`);
  if (status !== 0) throw new Error(`${statusText(status)}${shown(text)}`);
}

/** Writes the state to a hook and reads its output, in any order, until it ends. */
function converse(
  pid: number,
  pipes: HookPipes,
  { path, timeout }: Hook,
  { name, stdin, progress }: HookInput,
): { text: string; timedOut: boolean } {
  const { input, output } = pipes;
  using ended = watchChild(pid);
  using line = progress?.();
  const begin = monotonicMs();
  const deadline = timeout === undefined ? Infinity : begin + timeout * 1000;
  const chunk = Buffer.alloc(OUTPUT_LIMIT);
  const pipe = { fd: output, events: POLLIN, revents: 0 };
  const feed = { fd: input, events: POLLOUT, revents: 0 };
  let unread = Buffer.from(stdin);
  let text = '';
  let timedOut = false;
  // A state that is larger than the pipe makes poll(2) wait for the reader, not write(2).
  setNonblocking(input);
  for (;;) {
    const now = monotonicMs();
    line?.show(() => `hook ${name} ${path} has run for ${((now - begin) / 1000).toFixed(0)} s`);
    const until = Math.min(deadline, line ? now + PROGRESS_MS : Infinity);
    const left = until === Infinity ? -1 : Math.max(0, Math.ceil(until - now));
    const over = ended.hasEnded;
    const ready = poll([ended.pollFd, pipe, feed], over ? DRAIN_MS : ended.pollTimeout(left));
    if (ready === 0 && !ended.check()) {
      if (monotonicMs() < deadline) continue;
      timedOut = true;
      kill(pid, SIGKILL);
      break;
    }
    if (ready === 0 && over) break;
    if (feed.revents !== 0) {
      unread = unread.subarray(offer(input, unread));
      if (unread.length === 0) {
        pipes.closeInput();
        feed.fd = -1;
      }
    }
    if (pipe.revents & (POLLIN | POLLHUP)) {
      const length = readSync(output, chunk);
      if (length === 0) pipe.fd = -1;
      text = (text + chunk.toString('utf8', 0, length)).slice(-OUTPUT_LIMIT);
    }
    if (ended.check() && pipe.fd === -1) break;
  }
  return { text, timedOut };
}

/** Writes; returns the number of bytes, or all of them where the reader is gone. */
function offer(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if (!hasErrno(error, 'EPIPE')) throw error;
    return bytes.length;
  }
}

const statusText = (status: number): string =>
  status > 128 ? `signal: ${strsignal(status - 128)}` : `exit status ${status}`;

const shown = (text: string): string => (text.trim() ? `, output: ${text.trim()}` : '');
